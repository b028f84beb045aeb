# Writes goldens/scores.json: Rscript make_scores.R <folder with the data as csv> <output folder>
# Factor scores (lavPredict) with standard errors of fits of fits.json: the first rows, means and standard deviations.
# `python make_after_fit.py` exports the data and calls it. Needs lavaan and jsonlite.
suppressPackageStartupMessages({library(lavaan); library(jsonlite)})
args <- commandArgs(trailingOnly = TRUE)
here <- dirname(normalizePath(sub("--file=", "", grep("--file=", commandArgs(), value = TRUE)[1])))
spec <- fromJSON(file.path(here, "fits.json"), simplifyVector = TRUE, simplifyDataFrame = FALSE)
names <- c("hs_ml", "hs_std_lv", "hs_meanstructure_mlr", "pd_ml", "covariates_ml_fixed_x", "covariates_mlr_fixed_x_meanstructure", "second_ml", "second_cfa",
           "means_ml", "latent_means_ml", "loop_ml", "cfa_listwise", "cfa_fiml", "covariates_fiml_fixed_x", "second_fiml_mlr", "latent_means_fiml_mlr",
           "groups_configural", "groups_scalar", "groups_no_means", "groups_scalar_fiml", "groups_mimic_metric")
first <- 40

# The structural variable aut1 of "odd" as a factor with one indicator and no error: the same model, for which lavaan does
# not treat an observed variable that is regressed on others by rules of its own.
odd <- c("info =~ inf1 + inf2 + inf3 + tru1", "trust =~ tru1 + tru2 + tru3", "results =~ res1 + res2 + res3", "A =~ 1*aut1", "aut1 ~~ 0*aut1",
         "aut1 ~ 0*1", "A ~ 1", "results ~ info + trust + A", "A ~ info", "inf2 ~~ inf3", "tru2 ~~ res2")

table_of <- function(p, se, rows) {
  m <- unclass(p); dimnames(m) <- NULL; m <- matrix(as.numeric(m), nrow(m)); se <- matrix(as.numeric(se), nrow(se)); keep <- seq_len(min(first, nrow(m)))
  list(cols = I(colnames(p)), rows = I(rows[keep]), values = m[keep, , drop = FALSE], se = se[if (nrow(se) == 1) 1 else keep, , drop = FALSE],
       mean = colMeans(m, na.rm = TRUE), sd = apply(m, 2, sd, na.rm = TRUE))
}
scores_of <- function(fit, method) {
  p <- lavPredict(fit, method = method, se = "standard"); at <- lavInspect(fit, "case.idx"); se <- attr(p, "se")
  if (!is.list(p)) return(list(all = table_of(p, se[[1]], at)))
  setNames(lapply(seq_along(p), function(g) table_of(p[[g]], se[[g]], at[[g]])), names(p))
}
both <- function(fit) list(regression = scores_of(fit, "regression"), bartlett = scores_of(fit, "Bartlett"))
made <- list()
for (f in Filter(function(f) f$name %in% names, spec$fits)) {
  a <- if (is.null(f$args)) list() else f$args
  a$model <- paste(spec$models[[f$model]], collapse = "\n"); a$data <- read.csv(file.path(args[1], paste0(f$data, ".csv")))
  made[[f$name]] <- both(suppressWarnings(do.call("sem", a))); message(f$name)
}
stopifnot(length(made) == length(names))
rows <- function(name) read.csv(file.path(args[1], paste0(name, ".csv")))
made$odd_mlr <- both(sem(odd, rows("synthetic_complete"), meanstructure = TRUE))
made$odd_fiml <- both(suppressWarnings(sem(odd, rows("synthetic_missing"), missing = "ml")))
# New rows, half of them with holes, under a fit to the others.
d <- rows("synthetic_missing"); cfa <- paste(spec$models$cfa, collapse = "\n"); fit <- suppressWarnings(sem(cfa, d[1:300, ], missing = "ml"))
p <- lavPredict(fit, newdata = d[301:340, ]); made$new_rows <- list(cols = I(colnames(p)), values = unname(matrix(as.numeric(p), nrow(p))))
# The weights: determinacy follows from them by matrix algebra alone.
fit <- sem(cfa, rows("synthetic_complete"))
determinacy <- function(method) { w <- attr(lavPredict(fit, method = method, fsm = TRUE), "fsm")[[1]]; est <- lavInspect(fit, "est"); s <- fitted(fit)$cov
  diag(w %*% est$lambda %*% est$psi) / sqrt(diag(w %*% s %*% t(w)) * diag(est$psi)) }
made$determinacy <- list(regression = as.numeric(determinacy("regression")), bartlett = as.numeric(determinacy("Bartlett")))
made$lavaan <- as.character(packageVersion("lavaan"))
write_json(made, file.path(args[2], "scores.json"), digits = I(10), auto_unbox = TRUE, na = "null", null = "null")
