# A lavaan that waits: reads one job a line from stdin (ml, mlr, groups, fiml_mlr, boot <draws>), answers one line
# of JSON with the seconds of that one call and its results. The data are in memory before the clock
# starts; lavaan::sem returns estimates, standard errors, chi-square and the baseline model.
suppressPackageStartupMessages({library(lavaan); library(jsonlite)})
folder <- commandArgs(trailingOnly = TRUE)[1]
model <- paste(readLines(file.path(folder, "model.lav"), warn = FALSE), collapse = "\n")
complete <- read.csv(file.path(folder, "complete.csv")); missing <- read.csv(file.path(folder, "missing.csv"))
groups <- read.csv(file.path(folder, "groups.csv"))

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

info <- sessionInfo()
answer(list(lavaan = as.character(packageVersion("lavaan")), R = R.version.string, blas = La_library()))
stdin_lines <- file("stdin"); open(stdin_lines)
while (length(line <- readLines(stdin_lines, n = 1)) > 0) {
  job <- strsplit(line, " ")[[1]]
  if (job[1] == "quit") break
  report(timed(switch(job[1],
    ml = function() sem(model, data = complete),
    mlr = function() sem(model, data = complete, estimator = "MLR"),
    groups = function() sem(model, data = groups, group = "city", group.equal = "loadings"),
    fiml_mlr = function() sem(model, data = missing, missing = "fiml", estimator = "MLR"),
    boot = function() suppressWarnings(sem(model, data = complete, se = "bootstrap", bootstrap = as.integer(job[2]), iseed = 1)))))
}
