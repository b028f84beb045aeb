# Writes goldens/invariance_permuted.json: permutation p-values of configural, metric and scalar invariance by semTools (Jorgensen et al. 2018).
# Rscript make_invariance_permuted.R <folder with holzinger_swineford.csv> <output folder>
suppressPackageStartupMessages({library(lavaan); library(semTools); library(jsonlite)})
args <- commandArgs(trailingOnly = TRUE); H <- read.csv(file.path(args[1], "holzinger_swineford.csv")); draws <- 400
hs <- "visual =~ x1 + x2 + x3\ntextual =~ x4 + x5 + x6\nspeed =~ x7 + x8 + x9"
fits <- list(configural = cfa(hs, H, group = "school", std.lv = TRUE), metric = cfa(hs, H, group = "school", group.equal = "loadings", std.lv = TRUE), scalar = cfa(hs, H, group = "school", group.equal = c("loadings", "intercepts"), std.lv = TRUE))
run <- function(step, before) { set.seed(1); start <- Sys.time()
  p <- suppressWarnings(permuteMeasEq(nPermute = draws, modelType = "mgcfa", con = fits[[step]], uncon = if (is.null(before)) NULL else fits[[before]], null = NULL, AFIs = c("chisq", "cfi", "rmsea", "srmr"), showProgress = FALSE))
  list(p = as.list(p@AFI.pval), observed = as.list(p@AFI.obs), seconds = as.numeric(difftime(Sys.time(), start, units = "secs"))) }
out <- list(lavaan = as.character(packageVersion("lavaan")), semTools = as.character(packageVersion("semTools")), session = capture.output(print(sessionInfo(), locale = FALSE))[1:3], model = hs, draws = draws,
  steps = list(configural = run("configural", NULL), metric = run("metric", "configural"), scalar = run("scalar", "metric")))
write_json(out, file.path(args[2], "invariance_permuted.json"), digits = I(10), auto_unbox = TRUE, na = "null", null = "null")
