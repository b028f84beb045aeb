# Writes goldens/alignment.json: Rscript make_alignment.R <output folder>
# Alignment from its published formula (Asparouhov & Muthen 2014): configural models by lavaan, the simplicity function
# summed over pairs of groups, minimised over factor means and variances together by nlminb from many starts, standard
# errors from numerical second derivatives and lavaan's vcov, the search for invariant groups with igraph, simultaneous
# intervals with mvtnorm. Needs lavaan, numDeriv, igraph, mvtnorm, jsonlite.
suppressPackageStartupMessages({library(lavaan); library(numDeriv); library(jsonlite)})
out <- commandArgs(trailingOnly = TRUE)[1]; set.seed(4)
data <- read.csv("data/alignment_items.csv"); items <- paste0("y", 1:5); p <- 5
tight <- function(...) { f <- suppressWarnings(cfa(..., control = list(rel.tol = 1e-12))); if (lavInspect(f, "converged")) f else cfa(...) }
fit_of <- function(...) { f <- tight("f =~ y1 + y2 + y3 + y4 + y5", data, group = "g", std.lv = TRUE, meanstructure = TRUE, ...)
  t <- parTable(f); G <- lavInspect(f, "ngroups")
  at <- unlist(lapply(1:G, function(g) c(sapply(items, function(i) t$free[t$op == "=~" & t$rhs == i & t$group == g]), sapply(items, function(i) t$free[t$op == "~1" & t$lhs == i & t$group == g]))))
  m <- fitMeasures(f); pick <- function(n) unname(if (paste0(n, ".robust") %in% names(m)) m[paste0(n, ".robust")] else m[n])
  list(eta = coef(f)[at], V = vcov(f)[at, at], n = lavInspect(f, "nobs"), groups = lavInspect(f, "group.label"), cfi = pick("cfi"), rmsea = pick("rmsea"),
    chisq = unname(if ("chisq.scaled" %in% names(m)) m["chisq.scaled"] else m["chisq"])) }

# x: standard deviations as logarithms but the last (their product is one), then means; x0 is the mean of the reference in FREE
loss <- function(x, eta, n, free, eps, power) { G <- length(n); E <- matrix(eta, 2 * p); l <- E[1:p, ]; nu <- E[p + 1:p, ]
  logs <- c(x[1:(G - 1)], -sum(x[1:(G - 1)])); sd <- exp(logs); alpha <- if (free) x[G - 1 + 1:G] else c(0, x[G - 1 + 1:(G - 1)])
  l1 <- sweep(l, 2, sd, "/"); n1 <- nu - sweep(l1, 2, alpha, "*"); total <- 0
  for (g in 1:(G - 1)) for (h in (g + 1):G) total <- total + sqrt(n[g] * n[h]) * sum(((l1[, g] - l1[, h])^2 + eps)^(power / 2) + ((n1[, g] - n1[, h])^2 + eps)^(power / 2))
  unname(total) }
minimum <- function(eta, n, free, eps, power, starts = 25) { G <- length(n); best <- NULL
  for (s in 1:starts) { x <- c(rnorm(G - 1, 0, .15), rnorm(if (free) G else G - 1, 0, .4))
    r <- nlminb(x, loss, eta = eta, n = n, free = free, eps = eps, power = power, control = list(rel.tol = 1e-15, x.tol = 1e-12, iter.max = 2000, eval.max = 4000))
    if (is.null(best) || r$objective < best$objective) best <- r }
  x <- best$par; f <- function(x) loss(x, eta, n, free, eps, power)
  for (k in 1:4) x <- x - solve(hessian(f, x), grad(f, x)); x }
described <- function(x, eta, n, free) { G <- length(n); E <- matrix(eta, 2 * p); l <- E[1:p, ]; nu <- E[p + 1:p, ]
  sd <- exp(c(x[1:(G - 1)], -sum(x[1:(G - 1)]))); alpha <- if (free) x[G - 1 + 1:G] else c(0, x[G - 1 + 1:(G - 1)])
  sd1 <- sd[1]; l1 <- sweep(l, 2, sd, "/") ; n1 <- nu - sweep(l1, 2, alpha, "*")   # afterwards in units of the first group
  c(alpha / sd1, sd / sd1, l1 * sd1, n1) }

invariant <- function(v, C, connect = .01, level = .001) { G <- length(v)
  P <- outer(1:G, 1:G, Vectorize(function(i, j) if (i == j) 1 else 2 * pnorm(-abs(v[i] - v[j]) / sqrt(C[i, i] + C[j, j] - 2 * C[i, j]))))
  k <- igraph::components(igraph::graph_from_adjacency_matrix(P > connect, "undirected", diag = FALSE)); S <- k$membership == which.max(k$csize)
  for (r in 1:100) { w <- S / sum(S); test <- sapply(1:G, function(g) { a <- -w; a[g] <- a[g] + 1; 2 * pnorm(-abs(sum(a * v)) / sqrt(drop(a %*% C %*% a))) }); new <- test > level; if (all(new == S)) break; S <- new }
  S }

case <- function(fit, free = FALSE, eps = .01, power = .5, deep = TRUE) {
  eta <- fit$eta; n <- fit$n; G <- length(n); x <- minimum(eta, n, free, eps, power); q <- length(x); d <- described(x, eta, n, free)
  l0 <- matrix(eta, 2 * p)[1:p, ]; n0 <- matrix(eta, 2 * p)[p + 1:p, ]; mean <- d[1:G]; sd <- d[G + 1:G]; l1 <- matrix(d[2 * G + 1:(p * G)], p); n1 <- matrix(d[2 * G + p * G + 1:(p * G)], p)
  res <- list(loss = loss(x, eta, n, free, eps, power), mean = mean, sd = sd)
  if (!deep) return(res)
  H <- hessian(function(z) loss(z[1:q], z[-(1:q)], n, free, eps, power), c(x, eta), method.args = list(r = 6))
  J <- jacobian(function(z) described(z[1:q], z[-(1:q)], n, free), c(x, eta)); D <- -solve(H[1:q, 1:q], H[1:q, -(1:q)])
  full <- J[, -(1:q)] + J[, 1:q] %*% D; C <- full %*% fit$V %*% t(full); se <- sqrt(pmax(diag(C), 0))
  blocks <- function(from) lapply(1:p, function(i) from + i + p * (0:(G - 1)))
  alike <- function(v, from) t(sapply(1:p, function(i) { at <- blocks(from)[[i]]; invariant(v[i, ], C[at, at]) }))
  var0 <- function(M) apply(M, 1, function(r) mean((r - mean(r))^2))
  pairs <- t(combn(G, 2)); K <- matrix(0, nrow(pairs), G); K[cbind(1:nrow(pairs), pairs[, 1])] <- 1; K[cbind(1:nrow(pairs), pairs[, 2])] <- -1; R <- K %*% C[1:G, 1:G] %*% t(K)
  draw <- matrix(rnorm(2e5 * G), ncol = G) %*% with(eigen(C[1:G, 1:G]), t(vectors %*% diag(sqrt(pmax(values, 0))))); z <- apply(abs(draw %*% t(K)) %*% diag(1 / sqrt(diag(R))), 1, max)
  c(res, list(mean_se = se[1:G], variance_se = 2 * sd * se[G + 1:G], loadings = l1, loadings_se = matrix(se[2 * G + 1:(p * G)], p), intercepts = n1, intercepts_se = matrix(se[2 * G + p * G + 1:(p * G)], p),
    loadings_alike = alike(l1, 2 * G), intercepts_alike = alike(n1, 2 * G + p * G),
    r2_loadings = 1 - var0(l0 - outer(rowMeans(l1), sd)) / var0(l0), r2_intercepts = 1 - var0(n0 - rowMeans(n1) - outer(rowMeans(l1), mean)) / var0(n0),
    pair_se = sqrt(diag(R)), factor = unname(quantile(z, .95)))) }

ml <- fit_of(estimator = "ML"); mlr <- fit_of(estimator = "MLR"); unit <- fit_of(estimator = "MLR", cluster = "unit")
result <- list(lavaan = as.character(packageVersion("lavaan")), session = capture.output(print(sessionInfo(), locale = FALSE))[1:3], groups = ml$groups,
  eta = unname(ml$eta), n = ml$n, cov = lapply(1:8, function(g) unname(unclass(ml$V[10 * (g - 1) + 1:10, 10 * (g - 1) + 1:10]))),
  configural = lapply(list(ml = ml, mlr = mlr), function(f) f[c("chisq", "cfi", "rmsea")]),
  cases = list(fixed = case(ml), mlr = case(mlr), clustered = case(unit), free = case(ml, free = TRUE),
    quarter = case(ml, power = .25, deep = FALSE), near = case(ml, eps = .001, deep = FALSE)))
writeLines(toJSON(result, digits = 12, auto_unbox = TRUE, pretty = FALSE), file.path(out, "alignment.json"))
