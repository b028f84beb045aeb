# Goldens of models with exploratory blocks from lavaan: Rscript make_esem.R, in this folder
# Writes goldens/esem.json. With std.ov = FALSE lavaan 0.6-14 rotates loadings as they are, which is where its standard errors
# can be compared; by default it divides them by standard deviations that it then takes as known.
suppressPackageStartupMessages({library(lavaan); library(jsonlite)})
set.seed(1)
d <- HolzingerSwineford1939; s <- read.csv("data/synthetic_complete.csv"); m <- read.csv("data/synthetic_missing.csv")
nine <- 'efa("b1")*f1 + efa("b1")*f2 + efa("b1")*f3 =~ x1 + x2 + x3 + x4 + x5 + x6 + x7 + x8 + x9'
path <- 'efa("b1")*f1 + efa("b1")*f2 =~ x1 + x2 + x3 + x4 + x5 + x6\nspeed =~ x7 + x8 + x9\nspeed ~ f1 + f2'
two <- 'efa("b1")*f1 + efa("b1")*f2 =~ inf1 + inf2 + inf3 + tru1 + tru2 + tru3\nefa("b2")*g1 + efa("b2")*g2 =~ aut1 + aut2 + aut3 + res1 + res2 + res3'
raw <- list(std.ov = FALSE)
of <- function(model, data, ...) {
  f <- sem(model, data, ...); p <- parameterEstimates(f); z <- standardizedSolution(f)
  list(lhs = p$lhs, op = p$op, rhs = p$rhs, est = p$est, se = p$se, std = z$est.std, measures = as.list(fitMeasures(f)))
}
made <- list(
  geomin = of(nine, d), geomin_raw = of(nine, d, rotation.args = raw), oblimin_raw = of(nine, d, rotation = "oblimin", rotation.args = raw),
  oblimin_mlr_raw = of(nine, d, rotation = "oblimin", estimator = "MLR", rotation.args = raw),
  path = of(path, d, rotation = "oblimin"), path_raw = of(path, d, rotation = "oblimin", rotation.args = raw),
  path_mlr_raw = of(path, d, estimator = "MLR", rotation.args = raw),
  two_blocks_raw = of(two, s, rotation = "oblimin", rotation.args = raw), missing_raw = of(two, m, rotation = "oblimin", missing = "ml", rotation.args = raw))
made$sessionInfo <- list(R = R.version.string, lavaan = as.character(packageVersion("lavaan")))
write_json(made, "goldens/esem.json", digits = I(12), auto_unbox = TRUE, na = "null")
