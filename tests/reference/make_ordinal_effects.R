# Effects through ordinal mediators, latent and observed: Rscript make_ordinal_effects.R
# Reads data/ordinal_mixed.csv (from make_ordinal_mixed.R), writes goldens/ordinal_effects.json.
# lavaan 0.6-14 has indirect and total effects as defined parameters, with delta-method errors, also of
# the standardised ones; where an ordinal item is the mediator, the errors of its delta parameterisation are
# off (docs/explanation/numbers.md), so theta stands there. Percentiles are of the effect at two million draws of its parameters.
suppressPackageStartupMessages({library(lavaan); library(jsonlite)})
d <- read.csv("data/ordinal_mixed.csv")
effects <- "\nab := a*b\ntotal := a*b + c"
latent <- paste0("f =~ i1 + i2 + i3\ng =~ j1 + j2\no1 ~ b*g + c*f\ng ~ a*f", effects)
observed <- paste0("f =~ i1 + i2 + i3\no1 ~ a*f\nj1 ~ b*o1 + c*f", effects)
given <- paste0("f =~ i1 + i2 + i3 + c1\nf ~ a*x + z\no1 ~ b*f + c*x + z", effects)
fits <- list(latent = list(latent), latent_pairwise = list(latent, list(missing = "pairwise")),
  latent_theta = list(latent, list(parameterization = "theta")), observed = list(observed, list(parameterization = "theta")),
  observed_pairwise = list(observed, list(missing = "pairwise", parameterization = "theta")), given = list(given),
  given_weights = list(given, list(sampling.weights = "w")))
run <- function(one) {
  items <- Filter(function(name) grepl(name, one[[1]]), c("i1", "i2", "i3", "j1", "j2", "o1"))
  args <- if (length(one) > 1) one[[2]] else list()
  for (tol in c(1e-12, 1e-11, 1e-10, 1e-9)) {
    fit <- suppressWarnings(do.call("sem", c(list(one[[1]], d, estimator = "WLSMV", ordered = items,
      control = list(rel.tol = tol)), args)))
    if (lavInspect(fit, "converged")) break
  }
  est <- parameterEstimates(fit); est <- est[est$op == ":=", ]
  std <- standardizedSolution(fit); std <- std[std$op == ":=", ]
  set.seed(1); m <- coef(fit)[c("a", "b", "c")]
  half <- chol(vcov(fit)[c("a", "b", "c"), c("a", "b", "c")])
  draws <- matrix(rnorm(6e6), ncol = 3) %*% half + rep(m, each = 2e6)
  values <- cbind(draws[, 1] * draws[, 2], draws[, 1] * draws[, 2] + draws[, 3])
  list(model = one[[1]], ordered = items, args = args, converged = lavInspect(fit, "converged"),
    est = est$est, se = est$se, std = std$est.std, std_se = std$se,
    limits = unname(apply(values, 2, quantile, c(.025, .975))))
}
out <- list(fits = lapply(fits, run), session = capture.output(sessionInfo()),
  lavaan = as.character(packageVersion("lavaan")))
write_json(out, "goldens/ordinal_effects.json", digits = 12, auto_unbox = TRUE, pretty = TRUE)
