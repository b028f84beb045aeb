# Writes goldens/polychoric.json: Rscript make_polychoric.R <output folder>
# Thresholds, polychoric correlations, their asymptotic covariance (lavaan) and the likelihood ratio of each table
# of seeded skewed items with 2 to 7 categories, made here; the correlations also by psych and polycor.
# Needs lavaan, psych, polycor and jsonlite.
suppressPackageStartupMessages({library(lavaan); library(jsonlite)})
out <- commandArgs(trailingOnly = TRUE)[1]
set.seed(20240901)
n <- 600
factor <- rnorm(n)
item <- function(loading, cuts) findInterval(loading * factor + sqrt(1 - loading^2) * rnorm(n), cuts) + 1L
data <- data.frame(i2 = item(.7, 1), i3 = item(.6, c(-1.5, -.5)), i4 = item(-.5, c(-.8, .2, 1.3)), i5 = item(.8, c(-2, -1.3, -.6, .3)),
                   i6 = item(.4, c(-1, -.4, .1, .7, 1.4)), i7 = item(.65, c(-2.1, -1.5, -1, -.4, .2, .9)), j5 = item(.75, c(-1.9, -1.4, -.9, -.1)))
weights <- round(runif(n, .3, 3), 3)
holes <- data
for (k in seq_along(holes)) holes[[k]][runif(n) < .12] <- NA
group <- rep(c("a", "b"), length.out = n)
items <- names(data)
model <- paste("f =~", paste(items, collapse = " + "))

lower <- function(m) { m <- unclass(m); unname(m[lower.tri(m, diag = TRUE)]) }
moments <- function(fit) {
  s <- lavInspect(fit, "sampstat")
  list(names = I(rownames(lavInspect(fit, "gamma"))), th = unname(as.numeric(s$th)), cov = lower(s$cov), gamma = lower(lavInspect(fit, "gamma")))
}
both <- function(d, ...) suppressWarnings(lavCor(d, ordered = items, se = "standard", output = "fit", ...))
se <- function(fit) { p <- parameterEstimates(fit); p <- p[p$op == "~~" & p$lhs != p$rhs, ]; as.list(setNames(p$se, paste(p$lhs, p$rhs, sep = "~~"))) }
ratio <- function(fit) { t <- suppressWarnings(lavTables(fit, dimension = 2, type = "table", statistic = "G2.un")); list(lhs = t$lhs, rhs = t$rhs, g2 = t$G2.un, df = t$df) }

complete <- both(data)
made <- list(complete = moments(complete), listwise = moments(both(holes)), pairwise = moments(both(holes, missing = "pairwise")), group_a = moments(both(data[group == "a", ])))
made$complete$se <- se(complete); made$complete$ratio <- ratio(complete)
w <- cbind(data, w = weights); wh <- cbind(holes, w = weights)
made$weighted <- moments(suppressWarnings(cfa(model, w, ordered = TRUE, sampling.weights = "w")))
made$weighted_pairwise <- moments(suppressWarnings(cfa(model, wh, ordered = items, sampling.weights = "w", missing = "pairwise")))
made$psych <- lower(psych::polychoric(data, correct = 0)$rho)
made$polycor <- unlist(lapply(seq_along(items), function(j) sapply(j:length(items), function(i) if (i == j) 1 else polycor::polychor(data[[i]], data[[j]]))))

# 2 x 2 tables: with an empty cell, and full ones
two <- list(full = c(50, 10, 1, 39), corner = c(20, 30, 0, 50), other_corner = c(0, 20, 30, 10), rare = c(3, 1, 40, 200))
expand <- function(t) data.frame(u = rep(c(0, 0, 1, 1), t), v = rep(c(0, 1, 0, 1), t))
made$two_by_two <- lapply(two, function(t) list(counts = t, cor = suppressWarnings(lavCor(expand(t), ordered = c("u", "v"), output = "cor"))[1, 2],
  free = suppressWarnings(lavCor(expand(t), ordered = c("u", "v"), output = "cor", zero.keep.margins = FALSE))[1, 2]))
# ordered and continuous variables together, given exogenous ones
more <- cbind(data, w = weights, y1 = 2 + .6 * factor + rnorm(n), y2 = -.3 * factor + .5 * rnorm(n), x1 = rnorm(n) + .3 * factor, x2 = rbinom(n, 1, .4))
chosen <- c("y1", "i5", "i3", "y2", "i2", "i6"); kinds <- chosen[!grepl("y", chosen)]
gaps <- more
for (k in chosen) gaps[[k]][runif(n) < .12] <- NA
alone <- paste("f =~", paste(chosen, collapse = " + ")); given <- paste(alone, "\n f ~ x1 + x2")
mixed <- function(m, d, ...) {
  fit <- suppressWarnings(cfa(m, d, ordered = kinds, ...))
  list(names = I(rownames(lavInspect(fit, "gamma"))), obs = as.numeric(lavInspect(fit, "wls.obs")), gamma = lower(lavInspect(fit, "gamma")))
}
made$mixed <- list(complete = mixed(alone, more), weighted = mixed(alone, more, sampling.weights = "w"), pairwise = mixed(alone, gaps, missing = "pairwise"),
  weighted_pairwise = mixed(alone, gaps, missing = "pairwise", sampling.weights = "w"), given = mixed(given, more), given_weighted = mixed(given, more, sampling.weights = "w"),
  given_pairwise = mixed(given, gaps, missing = "pairwise"))
made$more <- as.list(more); made$gaps <- as.list(gaps)
made$data <- as.list(data); made$holes <- as.list(holes); made$weights <- weights; made$group <- group
made$lavaan <- as.character(packageVersion("lavaan")); made$psych_version <- as.character(packageVersion("psych")); made$polycor_version <- as.character(packageVersion("polycor"))
write_json(made, file.path(out, "polychoric.json"), digits = I(10), auto_unbox = TRUE, na = "null")
