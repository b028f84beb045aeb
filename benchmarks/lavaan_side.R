# A lavaan that waits: reads one job a line from stdin (ml, mlr, groups, ladder, permute <draws>, fiml_mlr, wlsmv, polychoric, polychoric_small, boot <draws>), answers one line
# of JSON with the seconds of that one call and its results. The data are in memory before the clock
# starts; lavaan::sem returns estimates, standard errors, chi-square and the baseline model.
suppressPackageStartupMessages({library(lavaan); library(jsonlite)})
folder <- commandArgs(trailingOnly = TRUE)[1]
model <- paste(readLines(file.path(folder, "model.lav"), warn = FALSE), collapse = "\n")
complete <- read.csv(file.path(folder, "complete.csv")); missing <- read.csv(file.path(folder, "missing.csv"))
groups <- read.csv(file.path(folder, "groups.csv"))
five_points <- read.csv(file.path(folder, "five_points.csv"))
likert <- read.csv(file.path(folder, "likert.csv")); likert_small <- likert[1:2000, 1:24]

answer <- function(x) { cat(toJSON(x, auto_unbox = TRUE, digits = NA), "\n", sep = ""); flush(stdout()) }
timed <- function(call) {
  start <- Sys.time(); worked <- sum(proc.time()[1:2]); fit <- call()
  list(fit = fit, seconds = as.numeric(difftime(Sys.time(), start, units = "secs")), cpu = sum(proc.time()[1:2]) - worked)
}
report <- function(t) {
  p <- parameterEstimates(t$fit, ci = FALSE, zstat = FALSE, pvalue = FALSE); m <- fitMeasures(t$fit)
  answer(list(seconds = t$seconds, cpu = t$cpu, lhs = p$lhs, op = p$op, rhs = p$rhs, group = if (is.null(p$group)) rep(1, nrow(p)) else p$group, est = p$est, se = p$se,
              chisq = m[["chisq"]], cfi = m[["cfi"]], scaled = if ("chisq.scaled" %in% names(m)) m[["chisq.scaled"]] else NULL))
}

# correlations, their covariance matrix and standard errors; sqrt(gamma / N), as lavCor's own use N - 1
report_polychoric <- function(t) {
  s <- lavInspect(t$fit, "gamma"); p <- do.call(rbind, strsplit(grep("~~", rownames(s), value = TRUE), "~~", fixed = TRUE))
  at <- grep("~~", rownames(s)); r <- lavInspect(t$fit, "sampstat")$cov
  answer(list(seconds = t$seconds, cpu = t$cpu, lhs = p[, 1], op = rep("~~", nrow(p)), rhs = p[, 2], group = rep(1, nrow(p)), est = r[p], se = sqrt(diag(s)[at] / lavInspect(t$fit, "nobs")),
              chisq = 0, cfi = 0))
}

# the steps of invariance: all of them with their differences, or three of them for shuffled groups
measurement <- paste(readLines(file.path(folder, "measurement.lav"), warn = FALSE), collapse = "\n")
steps <- list(list(), list(group.equal = "loadings"), list(group.equal = c("loadings", "intercepts")), list(group.equal = c("loadings", "intercepts", "residuals")))
step <- function(k, data, ...) do.call("cfa", c(list(measurement, data, group = "city", std.lv = TRUE, ...), steps[[k]]))
ladder <- function() { fits <- lapply(1:4, step, groups, estimator = "MLR"); names(fits) <- paste0("f", 1:4); do.call("lavTestLRT", c(unname(fits), list(model.names = names(fits)))); fits[[4]] }
permute <- function(draws) { for (k in seq_len(draws)) { data <- groups; data$city <- sample(data$city); lapply(1:3, step, data, se = "none") }; step(3, groups) }

info <- sessionInfo()
answer(list(lavaan = as.character(packageVersion("lavaan")), R = R.version.string, blas = La_library()))
stdin_lines <- file("stdin"); open(stdin_lines)
while (length(line <- readLines(stdin_lines, n = 1)) > 0) {
  job <- strsplit(line, " ")[[1]]
  if (job[1] == "quit") break
  if (job[1] %in% c("polychoric", "polychoric_small")) {
    data <- if (job[1] == "polychoric") likert else likert_small
    report_polychoric(timed(function() lavCor(data, ordered = names(data), se = "standard", output = "fit")))
    next
  }
  report(timed(switch(job[1],
    ml = function() sem(model, data = complete),
    mlr = function() sem(model, data = complete, estimator = "MLR"),
    ladder = ladder, permute = function() { set.seed(1); permute(as.integer(job[2])) },
    groups = function() sem(model, data = groups, group = "city", group.equal = "loadings"),
    wlsmv = function() sem(model, data = five_points, ordered = TRUE),
    fiml_mlr = function() sem(model, data = missing, missing = "fiml", estimator = "MLR"),
    boot = function() suppressWarnings(sem(model, data = complete, se = "bootstrap", bootstrap = as.integer(job[2]), iseed = 1)))))
}
