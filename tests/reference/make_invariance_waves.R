# Writes goldens/invariance_waves.json: longitudinal invariance of two waves by semTools and lavaan.
# Rscript make_invariance_waves.R <folder with political_democracy.csv> <output folder>
suppressPackageStartupMessages({library(lavaan); library(semTools); library(jsonlite)})
args <- commandArgs(trailingOnly = TRUE); P <- read.csv(file.path(args[1], "political_democracy.csv"))
text <- "dem60 =~ y1 + y2 + y3 + y4\ndem65 =~ y5 + y6 + y7 + y8"
equal <- list(configural = "", metric = "loadings", scalar = c("loadings", "intercepts"), strict = c("loadings", "intercepts", "residuals"))
ladder <- function(...) {
  fits <- lapply(equal, function(e) measEq.syntax(text, P, longFacNames = list(dem = c("dem60", "dem65")), longIndNames = list(p1 = c("y1", "y5"), p2 = c("y2", "y6"), p3 = c("y3", "y7"), p4 = c("y4", "y8")), ID.fac = "std.lv", long.equal = e, auto = "all", meanstructure = TRUE, return.fit = TRUE, ...))
  measures <- lapply(fits, function(f) { m <- fitMeasures(f); s <- "chisq.scaled" %in% names(m); list(chisq = m[[if (s) "chisq.scaled" else "chisq"]], df = m[["df"]], cfi = m[[if (s) "cfi.robust" else "cfi"]], rmsea = m[[if (s) "rmsea.robust" else "rmsea"]], srmr = m[["srmr"]]) })
  tests <- list(); for (k in 2:4) { t <- lavTestLRT(fits[[k - 1]], fits[[k]]); tests[[names(fits)[k]]] <- list(chisq = t[2, "Chisq diff"], df = t[2, "Df diff"], pvalue = t[2, "Pr(>Chisq)"]) }
  p <- parameterEstimates(fits$scalar); m <- p[p$lhs == "dem65" & p$op == "~1", ]
  list(measures = measures, tests = tests, mean = list(est = m$est, se = m$se)) }
write_json(list(lavaan = as.character(packageVersion("lavaan")), semTools = as.character(packageVersion("semTools")), session = capture.output(print(sessionInfo(), locale = FALSE))[1:3], cases = list(ML = ladder(estimator = "ML"), MLR = ladder(estimator = "MLR"))),
  file.path(args[2], "invariance_waves.json"), digits = I(10), auto_unbox = TRUE, na = "null", null = "null")
