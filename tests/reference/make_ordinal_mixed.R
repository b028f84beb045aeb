# Goldens of ordinal items beside continuous ones and covariates, with weights and clusters, from
# lavaan 0.6-14 on synthetic data: Rscript make_ordinal_mixed.R
# Writes data/ordinal_mixed.csv and goldens/ordinal_mixed.json. Lavaan has no clusters with ordinal
# items: there its fit is given the covariance matrix of the moments (NACOV) made of the casewise
# scores it has, summed within clusters and multiplied by G / (G - 1), and the weight (WLS.V) of it.
suppressPackageStartupMessages({library(lavaan); library(jsonlite)})

set.seed(20261123)
n <- 1000; per <- 20
unit <- rep(seq_len(n / per), each = per)
between <- rnorm(n / per, sd = 0.5)[unit]
site <- ifelse(unit %% 2 == 0, "b", "a")
x <- rnorm(n) + 0.4 * between; z <- rbinom(n, 1, 0.45)
f <- 0.4 * x - 0.3 * z + between + rnorm(n, sd = 0.9)
g <- 0.5 * f + 0.2 * x + rnorm(n, sd = 0.8)
cut_at <- function(y, tau) findInterval(y, tau) + 1
item <- function(factor, loading, tau) cut_at(loading * factor + rnorm(n, sd = 0.7), tau)
d <- data.frame(
  i1 = item(f, 0.8, c(-1.2, -0.5, 0.2, 1)), i2 = item(f, 0.7, c(-0.8, 0.1, 0.9)), i3 = item(f, 0.9, c(-0.2)),
  c1 = round(3 + 1.5 * f + rnorm(n), 3), j1 = item(g, 0.8, c(-1, 0, 1)), j2 = item(g, 0.7, c(-0.6, 0.7)),
  c2 = round(10 + 4 * g + rnorm(n, sd = 3), 3), o1 = item(0.4 * f + 0.3 * g + 0.2 * x, 1, c(-0.5, 0.6)),
  x = round(x, 3), z = z, w = round(runif(n, 0.5, 2.5), 3), unit = unit, site = site
)
for (v in c("i1", "i2", "i3", "c1", "j1", "j2", "c2", "o1")) d[[v]][runif(n) < 0.05] <- NA
write.csv(d, "data/ordinal_mixed.csv", row.names = FALSE, na = "")
d <- read.csv("data/ordinal_mixed.csv")

items <- "f =~ i1 + i2 + i3\ng =~ j1 + j2"
mixed <- "f =~ i1 + i2 + i3 + c1\ng =~ j1 + j2 + c2\ng ~ f"
mimic <- paste0(items, "\ng ~ b*f + c*x\nf ~ a*x + z\ni2 ~ z\nthrough := a*b\ntotal := c + a*b")
chain <- "f =~ i1 + i2 + i3\nf ~ a*x + z\no1 ~ b*f + z\nc2 ~ e*o1 + x\nthrough := a*b*e"
both <- paste0(mixed, " + x\nf ~ x + z")
only_x <- function(text) gsub("\\n[a-z0-9]+ ~ z|[+] z", "", text)
five <- c("i1", "i2", "i3", "j1", "j2"); six <- c(five, "o1")
theta <- list(parameterization = "theta")
fits <- list(
  mixed = list(mixed), mixed_theta = list(mixed, theta), mixed_pairwise = list(mixed, list(missing = "pairwise")),
  mixed_std_lv = list(mixed, list(std.lv = TRUE)), mixed_wlsm = list(mixed, list(estimator = "WLSM")),
  mixed_ulsmv = list(mixed, list(estimator = "ULSMV")), mixed_wls = list(mixed, list(estimator = "WLS")),
  mixed_dwls = list(mixed, list(estimator = "DWLS", se = "standard")),
  mimic = list(mimic), mimic_theta = list(mimic, theta), mimic_pairwise = list(mimic, list(missing = "pairwise")),
  mimic_std_lv = list(mimic, list(std.lv = TRUE)), mimic_ulsmv = list(mimic, list(estimator = "ULSMV")),
  mimic_wls = list(mimic, list(estimator = "WLS")), mimic_random_x = list(only_x(mimic), list(fixed.x = FALSE, conditional.x = FALSE)),
  chain_theta = list(chain, theta), both = list(both), both_theta = list(both, theta),
  both_pairwise = list(both, list(missing = "pairwise")), both_random_x = list(only_x(both), list(fixed.x = FALSE, conditional.x = FALSE)),
  groups_mixed = list(mixed, list(group = "site")), groups_mimic = list(mimic, list(group = "site")),
  groups_both_theta = list(both, c(theta, group = "site")),
  groups_mixed_loadings = list(mixed, list(group = "site", group.equal = "loadings")),
  groups_mimic_regressions = list(mimic, list(group = "site", group.equal = c("loadings", "regressions"))),
  weights = list(items, list(sampling.weights = "w")), weights_mimic = list(mimic, list(sampling.weights = "w")),
  weights_mixed = list(mixed, list(sampling.weights = "w")),
  weights_groups = list(items, list(sampling.weights = "w", group = "site")),
  less = list("f =~ i1 + l2*i2 + l3*i3 + i4*o1\ng =~ j1 + j2\nl2 < l3"),
  bound = list("f =~ i1 + l2*i2 + l3*i3 + o1\ng =~ j1 + j2\nl2 > 1.2"),
  clusters = list(items, cluster = "unit"), clusters_mixed = list(mixed, cluster = "unit"),
  clusters_mimic = list(mimic, cluster = "unit"), clusters_both = list(both, cluster = "unit")
)
# The fit with the strictest stopping rule that lavaan says it reached.
tightest <- function(run) {
  for (tol in c(1e-12, 1e-11, 1e-10, 1e-9)) {
    fit <- suppressWarnings(run(list(control = list(rel.tol = tol))))
    if (lavInspect(fit, "converged")) return(fit)
  }
  suppressWarnings(run(list()))
}
# N times the covariance matrix of lavaan's moments from its casewise scores, summed within clusters.
by_cluster <- function(fit, cluster) {
  one <- fit@Data; names <- one@ov.names[[1]]; kinds <- one@ov$type[match(names, one@ov$name)]
  got <- lavaan:::muthen1984(Data = one@X[[1]], ov.names = names, ov.types = kinds,
    ov.levels = one@ov$nlev[match(names, one@ov$name)], ov.names.x = one@ov.names.x[[1]], eXo = one@eXo[[1]],
    wt = NULL, WLS.W = TRUE)
  k <- nrow(got$A11); a <- rbind(cbind(got$A11, got$A12), cbind(got$A21, got$A22))
  summed <- rowsum(got$SC, d[[cluster]][one@case.idx[[1]]]); g <- nrow(summed)
  inverse <- solve(a)
  turn <- diag(ifelse(grepl("~1$", rownames(lavInspect(fit, "gamma"))), -1, 1)) # means stand with a minus
  turn %*% (nrow(got$SC) * (got$H %*% inverse %*% crossprod(summed) %*% t(inverse) %*% t(got$H)) * g / (g - 1)) %*% turn
}
rows <- function(x) { x <- as.data.frame(x); x[] <- lapply(x, function(v) if (is.numeric(v)) as.numeric(v) else as.character(v)); x }
mat <- function(m) { m <- unclass(m); list(rows = rownames(m), cols = colnames(m), values = unname(matrix(as.numeric(m), nrow(m)))) }
tell <- function(fit) {
  out <- list(nobs = I(as.numeric(unlist(lavInspect(fit, "nobs")))))
  if (lavInspect(fit, "ngroups") > 1) out$group.label <- I(lavInspect(fit, "group.label"))
  out$estimates <- rows(parameterEstimates(fit, standardized = TRUE, remove.nonfree = FALSE))
  out$standardizedSolution <- rows(standardizedSolution(fit))
  out$fitmeasures <- as.list(unclass(fitMeasures(fit)))
  r2 <- lavInspect(fit, "rsquare")
  out$rsquare <- if (is.list(r2)) lapply(r2, function(x) as.list(unclass(x))) else as.list(unclass(r2))
  if (lavInspect(fit, "ngroups") == 1) out$vcov <- mat(vcov(fit))
  out
}
made <- list()
for (name in names(fits)) {
  f <- fits[[name]]; args <- if (length(f) > 1 && is.null(f$cluster)) f[[2]] else list()
  ordered <- intersect(lavNames(lavaanify(f[[1]]), "ov"), six)
  run <- function(...) do.call("sem", c(list(model = f[[1]], data = d, ordered = ordered), args, ...))
  fit <- tryCatch({
    fit <- tightest(run)
    if (!is.null(f$cluster)) {
      gamma <- by_cluster(fit, f$cluster); fit <- NULL
      fit <- tightest(function(...) run(list(NACOV = gamma, WLS.V = diag(1 / diag(gamma))), ...))
    }
    fit
  }, error = function(e) { message(name, ": ", conditionMessage(e)); NULL })
  if (is.null(fit) || !lavInspect(fit, "converged")) { message(name, " is left out"); next }
  made[[name]] <- c(list(model = f[[1]], ordered = I(ordered), args = args, cluster = f$cluster), tell(fit))
}
out <- list(lavaan = as.character(packageVersion("lavaan")), session = capture.output(sessionInfo()), fits = made)
write_json(out, "goldens/ordinal_mixed.json", digits = I(10), auto_unbox = TRUE, na = "null", null = "null")
