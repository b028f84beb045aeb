# Writes goldens/aggregation.json: Rscript make_aggregation.R <output folder>
# Agreement within units, intraclass correlations and correlations by level of the bundled synthetic survey, from base
# R's aov, lme4 (REML), multilevel and psych; shrunken unit means from lme4. Needs multilevel, lme4, psych, jsonlite.
suppressPackageStartupMessages({library(multilevel); library(lme4); library(jsonlite)})
out <- commandArgs(trailingOnly = TRUE)[1]
data <- read.csv("../../data/municipal_employees.csv", colClasses = c(unit = "character"))
turned <- c("del4", "tlead5", "inff5", "vtr5", "felt4")
scales <- list(vertical_trust = paste0("vtr", 1:5), horizontal_trust = paste0("htr", 1:4), results = paste0("res", 1:4))
for (k in unlist(scales)) {data[[k]][data[[k]] == 9] <- NA; if (k %in% turned) data[[k]] <- 6 - data[[k]]}
icc <- function(y, g) {
  keep <- !is.na(y); y <- y[keep]; g <- factor(g[keep])
  table <- aov(y ~ g); ms <- summary(table)[[1]]; n <- as.numeric(table(g)); n0 <- (sum(n) - sum(n^2) / sum(n)) / (length(n) - 1)
  msb <- ms[1, 3]; msw <- ms[2, 3]; fit <- lmer(y ~ 1 + (1 | g), control = lmerControl(optCtrl = list(xtol_rel = 1e-13, ftol_abs = 1e-13)))
  v <- as.data.frame(VarCorr(fit))$vcov; theta <- v[1] / v[2]
  means <- tapply(y, g, mean); h <- function(t) {w <- n / (1 + n * t); sum(w * (means - weighted.mean(means, w))^2) / ((length(n) - 1) * msw)}
  root <- function(p) uniroot(function(t) h(t) - qf(p, length(n) - 1, sum(n) - length(n)), c(-1 / max(n) + 1e-9, 50), tol = 1e-14)$root
  limits <- c(root(.975), root(.025))
  shrunk <- ranef(fit, condVar = TRUE)$g
  list(n = sum(n), units = length(n), f = ms[1, 4], pvalue = ms[1, 5], icc1_mean = unname(ICC1(table)), icc1 = (msb - msw) / (msb + (n0 - 1) * msw),
    icc2 = unname(ICC2(table)), icc1_reml = theta / (1 + theta), icc2_reml = mean(n * theta / (1 + n * theta)), between = v[1], within = v[2],
    mean = unname(fixef(fit)), mean_se = unname(sqrt(vcov(fit)[1, 1])), limits = limits / (1 + limits),
    effects = I(shrunk[, 1]), effect_variance = I(as.numeric(attr(shrunk, "postVar"))), units_named = I(levels(g)))
}
scored <- function(items) rowMeans(data[items])
complete <- function(items, least) {d <- na.omit(data[c("unit", items)]); d[d$unit %in% names(which(table(d$unit) >= least)), ]}
agree <- function(items) {
  d <- complete(items, 5); x <- d[items]; nulls <- c(uniform = 2, slight_skew = 1.34, moderate_skew = .90, heavy_skew = .44)
  list(unit = I(rwg.j(x, d$unit)$grpid), rwg_j = lapply(nulls, function(s) I(rwg.j(x, d$unit, ranvar = s)$rwg.j)), rwg_star = I(rwg.j.lindell(x, d$unit, ranvar = 2)$rwg.lindell),
    ad_mean = I(ad.m(x, d$unit)$AD.M), ad_median = I(ad.m(x, d$unit, type = "median")$AD.M), rwg = I(rwg(d[[items[1]]], d$unit, ranvar = 2)$rwg))
}
made <- list(scales = scales, icc = lapply(scales, function(s) icc(scored(s), data$unit)), items = lapply(setNames(nm = c("vtr1", "vtr5", "res2")), function(k) icc(data[[k]], data$unit)),
  agreement = lapply(scales, agree))
both <- data.frame(unit = data$unit, x = scored(scales[[1]]), y = scored(scales[[2]])); both <- both[complete.cases(both), ]
w <- waba(both$x, both$y, both$unit)$Cov.Theorem
means <- aggregate(cbind(x, y) ~ unit, both, mean)
made$levels <- list(total = w$RawCorr, within = w$CorrW, between = w$CorrB, means = cor(means$x, means$y), between_part = w$EtaBx * w$EtaBy * w$CorrB, within_part = w$EtaWx * w$EtaWy * w$CorrW, n = nrow(both))
# units of one size: psych's intervals for one-way random effects
set.seed(7); balanced <- matrix(round(rnorm(240, rep(rnorm(30, sd = .6), 8)), 4), 30)
p <- psych::ICC(balanced, lmer = FALSE)$results
made$balanced <- list(values = balanced, icc1 = unlist(p["Single_raters_absolute", c("ICC", "lower bound", "upper bound")]), icc2 = unlist(p["Average_raters_absolute", c("ICC", "lower bound", "upper bound")]), f = p["Single_raters_absolute", "F"])
made$versions <- sapply(c("multilevel", "lme4", "psych"), function(k) as.character(packageVersion(k)))
made$session <- capture.output(print(sessionInfo(), locale = FALSE))[1:3]
write_json(made, file.path(out, "aggregation.json"), digits = I(12), auto_unbox = TRUE, na = "null")
