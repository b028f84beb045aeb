# Goldens of polyserial and ordinary correlations beside polychoric ones, from lavaan 0.6-14's
# saturated model of the synthetic data/ordinal_mixed.csv: Rscript make_polyserial.R
suppressPackageStartupMessages({library(lavaan); library(jsonlite)})
d <- read.csv("data/ordinal_mixed.csv")
v <- c("i1", "i2", "i3", "c1", "j1", "c2"); o <- c("i1", "i2", "i3", "j1")
model <- paste(apply(combn(v, 2), 2, paste, collapse = " ~~ "), collapse = "\n")
given <- paste0(model, "\n", paste(v, "~ x + z", collapse = "\n"))
rows <- function(x) { x <- as.data.frame(x); x[] <- lapply(x, function(w) if (is.numeric(w)) as.numeric(w) else as.character(w)); x }
one <- function(model, missing) {
  fit <- sem(model, d, ordered = o, estimator = "DWLS", se = "robust.sem", missing = missing)
  p <- parameterEstimates(fit); s <- standardizedSolution(fit)
  keep <- function(x) rows(x[x$op == "~~" & x$lhs != x$rhs & x$lhs %in% v, ])
  list(missing = missing, n = lavInspect(fit, "ntotal"), correlations = keep(s), covariances = keep(p),
       thresholds = rows(p[p$op == "|", ]), slopes = rows(p[p$op == "~", ]))
}
fits <- list(listwise = one(model, "listwise"), pairwise = one(model, "pairwise"), given = one(given, "listwise"))
out <- list(lavaan = as.character(packageVersion("lavaan")), session = capture.output(sessionInfo()), fits = fits)
write_json(out, "goldens/polyserial.json", digits = I(10), auto_unbox = TRUE, na = "null")
