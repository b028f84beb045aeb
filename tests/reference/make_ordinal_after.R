# After fits of ordinal items: residuals and scores of lavaan 0.6-14, and scores and probabilities by
# optimisation and numerical integration of our own: Rscript make_ordinal_after.R
# Reads data/ordinal_items.csv (from make_ordinal.R), writes goldens/ordinal_after.json.
suppressPackageStartupMessages({library(lavaan); library(jsonlite)})
d <- read.csv("data/ordinal_items.csv")
two <- "f =~ i1 + i2 + i3 + i4\ng =~ j1 + j2 + j3"
three <- "f =~ i1 + i2 + i3\ng =~ j1 + j2 + j3\nh =~ k1 + k2 + i4"
outcome <- paste0(two, "\nk1 ~ f + g")
second <- "f =~ i1 + i2 + i3\ng =~ j1 + j2 + j3\nh =~ k1 + k2 + i4\ntop =~ f + g + h"
written <- paste0(two, "\ni3 | p*t1 + t2 + q*t3 + t4\np == -q")
fits <- list(
  wlsmv = list(model = two), theta = list(model = two, args = list(parameterization = "theta")),
  pairwise = list(model = two, args = list(missing = "pairwise")),
  ulsmv = list(model = two, args = list(estimator = "ULSMV")), wls = list(model = two, args = list(estimator = "WLS")),
  constraint = list(model = written), three = list(model = three, args = list(missing = "pairwise", parameterization = "theta")),
  outcome = list(model = outcome, args = list(parameterization = "theta", missing = "pairwise")),
  second = list(model = second, args = list(missing = "pairwise", parameterization = "theta")),
  a = list(model = two, only = "a"), b = list(model = two, only = "b"),
  groups = list(model = two, args = list(group = "group", group.equal = "loadings"))
)
tightest <- function(run) {
  for (tol in c(1e-12, 1e-11, 1e-10, 1e-9)) {
    fit <- suppressWarnings(run(list(control = list(rel.tol = tol))))
    if (lavInspect(fit, "converged")) return(fit)
  }
  suppressWarnings(run(list()))
}
square <- function(m) unname(matrix(as.numeric(m), nrow(m)))
lower <- function(m) { m <- unclass(m); as.numeric(m[lower.tri(m)]) }
summary_of <- function(s) { s <- as.matrix(s); list(rows = I(rownames(s)), cols = I(colnames(s)), values = square(s)) }
residuals_of <- function(fit) {
  one <- function(type) { r <- lavResiduals(fit, type = type, se = TRUE)
    list(names = I(rownames(r$cov)), cov = lower(r$cov), se = lower(r$cov.se), z = lower(r$cov.z),
         th = as.numeric(r$th), th_se = as.numeric(r$th.se), th_z = as.numeric(r$th.z), summary = summary_of(r$summary)) }
  list(srmr = one("cor.bentler"), crmr = one("cor.bollen"), normalized = lower(residuals(fit, type = "normalized")$cov))
}
# The rows' own likelihood: y* given the factors has the mean nu + lambda eta and the variances theta;
# observed outcomes of factors are such items too. All from lavaan's estimates, nothing else of it.
parts_of <- function(fit, group) {
  e <- lavInspect(fit, "est"); if (!is.null(e[[group]]) && is.list(e[[group]])) e <- e[[group]]
  items <- lavNames(fit, "ov"); factors <- lavNames(fit, "lv")
  beta <- e$beta; names <- rownames(e$psi)
  if (is.null(beta)) beta <- matrix(0, length(names), length(names), dimnames = list(names, names))
  total <- solve(diag(length(names)) - beta); dimnames(total) <- list(names, names)
  phi <- (total %*% e$psi %*% t(total))[factors, factors, drop = FALSE]
  alpha <- if (is.null(e$alpha)) rep(0, length(factors)) else as.numeric((total %*% e$alpha)[factors, ])
  lambda <- matrix(0, length(items), length(factors), dimnames = list(items, factors)); spread <- numeric(length(items)); names(spread) <- items
  for (v in items) if (v %in% rownames(beta)) { lambda[v, ] <- beta[v, factors]; spread[v] <- e$psi[v, v] } else
    { lambda[v, ] <- e$lambda[v, factors]; spread[v] <- e$theta[v, v] }
  nu <- if (is.null(e$nu)) rep(0, length(items)) else as.numeric(e$nu)
  tau <- lapply(items, function(v) as.numeric(e$tau[grep(paste0("^", v, "\\|"), rownames(e$tau)), 1]))
  list(items = items, factors = factors, phi = phi, alpha = alpha, lambda = lambda, spread = spread, nu = nu, tau = tau)
}
loglik <- function(p, y, eta) {   # eta: one row per point
  out <- numeric(nrow(eta))
  for (i in seq_along(p$items)) if (!is.na(y[i])) {
    cuts <- c(-Inf, p$tau[[i]], Inf); m <- p$nu[i] + as.numeric(eta %*% p$lambda[i, ]); s <- sqrt(p$spread[i])
    a <- (cuts[y[i]] - m) / s; b <- (cuts[y[i] + 1] - m) / s; up <- a + b > 0
    out <- out + log(pmax(pnorm(ifelse(up, -a, b)) - pnorm(ifelse(up, -b, a)), 1e-300))
  }
  out
}
mode_of <- function(p, y) {
  w <- solve(p$phi); f <- function(x) 0.5 * drop(t(x - p$alpha) %*% w %*% (x - p$alpha)) - loglik(p, y, matrix(x, 1))
  x <- p$alpha; for (k in 1:3) x <- optim(x, f, method = "BFGS", control = list(reltol = 1e-15, maxit = 500, ndeps = rep(1e-5, length(x))))$par
  x <- nlminb(x, f, control = list(rel.tol = 1e-15, x.tol = 1e-12))$par
  list(mode = x, se = sqrt(diag(solve(optimHess(x, f, control = list(ndeps = rep(1e-3, length(x))))))))
}
# Sums over a fine regular grid, which for functions this smooth are as good as any rule.
mean_of <- function(p, y, steps) {
  L <- t(chol(p$phi)); k <- length(p$alpha); g <- seq(-7, 7, length.out = steps)
  z <- as.matrix(expand.grid(rep(list(g), k))); eta <- sweep(z %*% t(L), 2, p$alpha, "+")
  w <- loglik(p, y, eta) - 0.5 * rowSums(z^2); w <- exp(w - max(w)); w <- w / sum(w)
  m <- colSums(w * eta); list(mean = as.numeric(m), sd = as.numeric(sqrt(colSums(w * sweep(eta, 2, m)^2))))
}
scores_of <- function(fit, group, rows, where, steps) {
  p <- parts_of(fit, group); y <- as.matrix(rows[where, p$items]); storage.mode(y) <- "integer"
  modes <- lapply(seq_along(where), function(k) mode_of(p, y[k, ])); means <- lapply(seq_along(where), function(k) mean_of(p, y[k, ], steps))
  list(factors = I(p$factors), rows = I(where), ebm = t(sapply(modes, `[[`, "mode")), ebm_se = t(sapply(modes, `[[`, "se")),
       eap = t(sapply(means, `[[`, "mean")), eap_sd = t(sapply(means, `[[`, "sd")))
}
lavaan_of <- function(fit, method) {
  s <- lavPredict(fit, method = method); at <- lavInspect(fit, "case.idx")
  one <- function(s, at) list(cols = I(colnames(s)), rows = I(at[1:25]), values = square(s[1:25, , drop = FALSE]), mean = as.numeric(colMeans(s)), sd = as.numeric(apply(s, 2, sd)))
  if (is.list(s)) mapply(one, s, at, SIMPLIFY = FALSE) else list(all = one(s, at))
}
made <- lapply(names(fits), function(name) {
  x <- fits[[name]]; rows <- if (is.null(x$only)) d else d[d$group == x$only, ]
  fit <- tightest(function(...) do.call("sem", c(list(model = x$model, data = rows, ordered = TRUE), x$args, ...)))
  stopifnot(lavInspect(fit, "converged")); message(name)
  out <- list(model = x$model, args = x$args, only = x$only)
  if (name %in% c("wlsmv", "theta", "pairwise", "ulsmv", "wls", "constraint", "a", "b")) out$residuals <- residuals_of(fit)
  if (name %in% c("wlsmv", "pairwise", "theta", "three", "groups")) out$lavaan <- list(ebm = lavaan_of(fit, "EBM"))
  if (name %in% c("wlsmv", "pairwise")) out$lavaan$ml <- lavaan_of(fit, "ML")
  if (name %in% c("wlsmv", "pairwise", "outcome")) out$own <- list(all = scores_of(fit, 1, rows, lavInspect(fit, "case.idx")[1:12], 281))
  if (name == "three") out$own <- list(all = scores_of(fit, 1, rows, c(1:4, 33), 71))
  if (name == "groups") { at <- lavInspect(fit, "case.idx"); out$own <- lapply(setNames(names(at), names(at)), function(g) scores_of(fit, g, rows, at[[g]][1:5], 281)) }
  if (name == "theta") {
    # Probabilities of categories at values of the item's own factor, and over its distribution.
    p <- parts_of(fit, 1)
    chance <- function(i, c, x) { cuts <- c(-Inf, p$tau[[i]], Inf); k <- which(p$lambda[i, ] != 0); m <- p$nu[i] + p$lambda[i, k] * x; s <- sqrt(p$spread[i])
      pnorm((cuts[c + 1] - m) / s) - pnorm((cuts[c] - m) / s) }
    values <- c(-1.5, -0.2, 0.7, 2)
    out$categories <- lapply(setNames(seq_along(p$items), p$items), function(i) { k <- which(p$lambda[i, ] != 0); sd <- sqrt(p$phi[k, k]); each <- seq_len(length(p$tau[[i]]) + 1)
      list(factor = p$factors[k], values = I(values), at = t(sapply(each, function(c) chance(i, c, values))),
           share = I(sapply(each, function(c) integrate(function(x) chance(i, c, x) * dnorm(x, p$alpha[k], sd), -8 * sd, 8 * sd, rel.tol = 1e-10)$value)),
           seen = I(as.numeric(table(factor(d[lavInspect(fit, "case.idx"), p$items[i]], levels = each))))) })
  }
  out
})
names(made) <- names(fits)
out <- list(lavaan = as.character(packageVersion("lavaan")), session = capture.output(sessionInfo()), fits = made)
write_json(out, "goldens/ordinal_after.json", digits = I(10), auto_unbox = TRUE, na = "null", null = "null")
