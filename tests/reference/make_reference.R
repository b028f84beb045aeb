# Writes the goldens: Rscript make_reference.R <folder with the data as csv> <output folder> [fit ...]
# Called by make_reference.py, which exports the data first. Needs lavaan, semTools, psych, jsonlite.
suppressPackageStartupMessages({library(lavaan); library(semTools); library(psych); library(jsonlite)})

args <- commandArgs(trailingOnly = TRUE)
here <- dirname(normalizePath(sub("--file=", "", grep("--file=", commandArgs(), value = TRUE)[1])))
spec <- fromJSON(file.path(here, "fits.json"), simplifyVector = TRUE, simplifyDataFrame = FALSE)
data_folder <- args[1]; out_folder <- args[2]; only <- args[-(1:2)]

plain <- function(x) { x <- as.data.frame(unclass(x)); rownames(x) <- NULL; as.list(x) }
numbers <- function(x) { v <- as.numeric(x); names(v) <- names(x); as.list(v) }
matrix_of <- function(m) list(rows = I(rownames(m)), cols = I(colnames(m)), values = unname(matrix(as.numeric(m), nrow(m))))
each_group <- function(x, fit, f) if (lavInspect(fit, "ngroups") > 1) lapply(x, f) else f(x)
moments_of <- function(x) { o <- list(cov = matrix_of(unclass(x$cov))); if (!is.null(x$mean)) o$mean <- numbers(unclass(x$mean)); o }
write <- function(x, name) write_json(x, file.path(out_folder, paste0(name, ".json")), digits = I(10), auto_unbox = TRUE, na = "null", null = "null", dataframe = "columns")

read_data <- function(name) read.csv(file.path(data_folder, paste0(name, ".csv")))

run <- function(f) {
  a <- f$args; if (is.null(a)) a <- list()
  a$model <- paste(spec$models[[f$model]], collapse = "\n")
  if (is.null(f$moments)) a$data <- read_data(f$data)
  else if (!is.null(f$nobs)) { a$sample.cov <- as.matrix(read.csv(file.path(data_folder, paste0(f$data, ".csv")), row.names = 1)); a$sample.nobs <- f$nobs }
  else {
    ov <- lavNames(lavaanify(a$model), "ov"); d <- read_data(f$data)[, ov]
    a$sample.cov <- cov(d); a$sample.nobs <- nrow(d)
    if ("mean" %in% f$moments) a$sample.mean <- colMeans(d)
  }
  if (!is.null(f$lavaan_only)) a <- c(a, f$lavaan_only)
  said <- character(0); verb <- if (is.null(f[["function"]])) "sem" else f[["function"]]
  fit <- withCallingHandlers(do.call(verb, a), warning = function(w) { said <<- c(said, gsub("\\s+", " ", conditionMessage(w))); invokeRestart("muffleWarning") })
  if (isTRUE(f$promote)) fit <- promoted(fit)
  list(fit = fit, warnings = unique(said))
}

# From lavaan 0.7 on Browne's residual-based statistic is the test of ULS: put it in that place, so that every
# fit measure is made from it.
promoted <- function(fit) {
  first <- function(tests) { n <- length(tests); tests[[1]]$stat <- tests[[n]]$stat; tests[[1]]$pvalue <- 1 - pchisq(tests[[n]]$stat, tests[[n]]$df); tests }
  fit@test <- first(fit@test); fit@baseline$test <- first(fit@baseline$test)
  if (!is.null(fit@Options$test)) fit@Options$test <- "standard"
  fit
}

reliability_of <- function(fit, higher) {
  k <- function(x) numbers(unclass(x)); if (is.null(higher)) higher <- character(0)
  d <- lavInspect(fit, "data"); p <- parTable(fit); p <- p[p$op == "=~" & !(p$lhs %in% higher), ]
  blocks <- lapply(split(p, factor(p$lhs, unique(p$lhs))), function(p) p$rhs)
  list(omega_observed_variance = k(compRelSEM(fit, higher = higher)), omega_implied_variance = k(compRelSEM(fit, obs.var = FALSE, higher = higher)),
       alpha_model = k(compRelSEM(fit, tau.eq = TRUE, higher = higher)),
       alpha_psych = lapply(blocks, function(b) suppressWarnings(psych::alpha(as.data.frame(d)[, b]))$total$raw_alpha))
}

golden <- function(f) {
  r <- run(f); fit <- r$fit; quiet <- function(x) suppressWarnings(x)
  pe <- quiet(parameterEstimates(fit, standardized = TRUE, remove.nonfree = FALSE)); pe$std.nox <- NULL
  o <- list(name = f$name, lavaan = as.character(packageVersion("lavaan")), warnings = I(r$warnings), converged = lavInspect(fit, "converged"),
            nobs = lavInspect(fit, "nobs"), norig = lavInspect(fit, "norig"), estimates = plain(pe),
            standardizedSolution = plain(quiet(standardizedSolution(fit))), fitmeasures = numbers(quiet(fitMeasures(fit))),
            rsquare = each_group(quiet(lavInspect(fit, "rsquare")), fit, numbers),
            implied = each_group(lavInspect(fit, "implied"), fit, moments_of), sampstat = each_group(lavInspect(fit, "sampstat"), fit, moments_of))
  if (lavInspect(fit, "ngroups") > 1) o$group.label <- lavInspect(fit, "group.label")
  if (length(lavNames(fit, "lv")) > 0) o$cor_lv <- each_group(quiet(lavInspect(fit, "cor.lv")), fit, matrix_of)
  if ("vcov" %in% f$extract) o$vcov <- matrix_of(unclass(vcov(fit)))
  if ("tests" %in% f$extract) o$tests <- lapply(unname(fit@test), function(t) t[c("test", "stat", "df", "pvalue")])
  if ("reliability" %in% f$extract) o$reliability <- reliability_of(fit, f$higher)
  write(o, f$name); message(f$name, " ", paste(r$warnings, collapse = "; ")); fit
}

# semTools::net: fit each model to the other's implied moments. TRUE: the second is nested in the first.
nesting <- function(n, fits) {
  inside <- function(outer, inner) { m <- fits[[inner]]; x <- suppressWarnings(net(fits[[outer]], m)); x@test }
  x <- suppressWarnings(net(fits[[n$fits[1]]], fits[[n$fits[2]]]))
  list(name = n$name, fits = n$fits, df = I(as.numeric(x@df)), test = x@test)
}

# Percentile intervals and standard errors of resampled rows: these agree up to Monte Carlo error only.
bootstrap_of <- function(b) {
  model <- paste(spec$models[[b$model]], collapse = "\n")
  fit <- suppressWarnings(sem(model, read_data(b$data), se = "bootstrap", bootstrap = b$draws, iseed = 1))
  pe <- parameterEstimates(fit, boot.ci.type = "perc")
  message(b$name); list(name = b$name, draws = b$draws, estimates = plain(pe[, c("lhs", "op", "rhs", "est", "se", "ci.lower", "ci.upper")]))
}

wanted <- Filter(function(f) length(only) == 0 || f$name %in% only, spec$fits)
fits <- list(); for (f in wanted) fits[[f$name]] <- golden(f)
if (length(only) == 0 || "bootstrap" %in% only) write(bootstrap_of(spec$bootstrap), "bootstrap")
if (length(only) == 0) {
  write(lapply(spec$nesting, nesting, fits = fits), "nesting")
  info <- capture.output(print(sessionInfo(), locale = FALSE))
  writeLines(c(info, paste("BLAS in use:", basename(La_library()))), file.path(out_folder, "sessionInfo.txt"))
}
