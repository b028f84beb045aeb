# Writes goldens/residuals.json: Rscript make_residuals.R <folder with the data as csv> <output folder>
# Residuals with standard errors, their summaries (lavResiduals) and normalised residuals of fits of fits.json.
# `python make_after_fit.py` exports the data and calls it. Needs lavaan and jsonlite.
suppressPackageStartupMessages({library(lavaan); library(jsonlite)})
args <- commandArgs(trailingOnly = TRUE)
here <- dirname(normalizePath(sub("--file=", "", grep("--file=", commandArgs(), value = TRUE)[1])))
spec <- fromJSON(file.path(here, "fits.json"), simplifyVector = TRUE, simplifyDataFrame = FALSE)
names <- c("hs_ml", "hs_mlr", "hs_observed_information", "hs_meanstructure_mlr", "hs_one_factor", "pd_ml", "pd_equal_mlr", "sem_ml_meanstructure",
           "covariates_ml_fixed_x", "covariates_ml_random_x", "covariates_mlr_fixed_x_meanstructure", "equal_ml", "means_ml", "cfa_fiml", "cfa_fiml_mlr",
           "covariates_fiml_fixed_x", "covariates_fiml_mlr_fixed_x", "groups_configural", "groups_scalar", "groups_scalar_mlr", "groups_no_means",
           "groups_scalar_fiml", "groups_scalar_fiml_mlr", "groups_mimic_metric", "groups_constraints", "hs_mlm", "hs_mlmv", "covariates_mlm_fixed_x")

lower <- function(m) { m <- unclass(m); as.numeric(m[lower.tri(m, diag = TRUE)]) }
summary_of <- function(s) { s <- as.matrix(s); list(rows = I(rownames(s)), cols = I(colnames(s)), values = unname(matrix(as.numeric(s), nrow(s)))) }
one <- function(r) {
  o <- list(names = I(rownames(r$cov)), cov = lower(r$cov), se = lower(r$cov.se), z = lower(r$cov.z), summary = summary_of(r$summary))
  if (!is.null(r$mean)) o <- c(o, list(mean = as.numeric(r$mean), mean_se = as.numeric(r$mean.se), mean_z = as.numeric(r$mean.z)))
  o
}
each <- function(x, fit, f) if (lavInspect(fit, "ngroups") > 1) lapply(x, f) else list(all = f(x))
made <- list()
for (f in Filter(function(f) f$name %in% names, spec$fits)) {
  a <- if (is.null(f$args)) list() else f$args
  a$model <- paste(spec$models[[f$model]], collapse = "\n"); a$data <- read.csv(file.path(args[1], paste0(f$data, ".csv")))
  fit <- suppressWarnings(do.call("sem", a)); o <- list()
  for (type in c("raw", "cor.bentler", "cor.bollen")) o[[type]] <- each(lavResiduals(fit, type = type, se = TRUE), fit, one)
  o$normalized <- each(residuals(fit, type = "normalized"), fit, function(r) { o <- list(cov = lower(r$cov)); if (!is.null(r$mean)) o$mean <- as.numeric(r$mean); o })
  made[[f$name]] <- o; message(f$name)
}
stopifnot(length(made) == length(names))
made$lavaan <- as.character(packageVersion("lavaan"))
write_json(made, file.path(args[2], "residuals.json"), digits = I(10), auto_unbox = TRUE, na = "null", null = "null")
