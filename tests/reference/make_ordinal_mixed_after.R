# After fits of ordinal items beside continuous ones and covariates, with weights and clusters:
# Rscript make_ordinal_mixed_after.R
# Reads data/ordinal_mixed.csv (from make_ordinal_mixed.R), writes goldens/ordinal_mixed_after.json.
# lavaan 0.6-14 gives residuals of all of them, but standard errors where all are items only. So their
# covariance Q Gamma Q' / N is made here of its matrices (Gamma, weights, derivatives) in each case.
# Its lavPredict gives scores; modes, means and probabilities beside them are of our own optimisation
# and numerical integration of the likelihood of the rows at lavaan's estimates.
suppressPackageStartupMessages({library(lavaan); library(jsonlite)})
d <- read.csv("data/ordinal_mixed.csv")
items <- "f =~ i1 + i2 + i3\ng =~ j1 + j2"
mixed <- "f =~ i1 + i2 + i3 + c1\ng =~ j1 + j2 + c2\ng ~ f"
mimic <- paste0(items, "\ng ~ f + x\nf ~ x + z\ni2 ~ z")
both <- paste0(mixed, " + x\nf ~ x + z")
joined <- paste0(mixed, "\nc1 ~~ i1\nc1 ~~ c2")
single <- "f =~ i1 + i2 + i3 + o1\nf ~ x + z\nc1 ~ f\nc2 ~ c1 + x"
five <- c("i1", "i2", "i3", "j1", "j2", "o1"); theta <- list(parameterization = "theta")
fits <- list(
  mixed = list(mixed), mixed_pairwise = list(mixed, list(missing = "pairwise")), mixed_theta = list(mixed, theta),
  mixed_wls = list(mixed, list(estimator = "WLS")), joined = list(joined), mimic = list(mimic), mimic_theta = list(mimic, theta),
  mimic_pairwise = list(mimic, list(missing = "pairwise")), both = list(both), both_pairwise = list(both, c(theta, missing = "pairwise")),
  single = list(single), groups = list(both, list(group = "site", group.equal = c("loadings", "regressions"))),
  weights = list(items, list(sampling.weights = "w")), weights_both = list(both, list(sampling.weights = "w")),
  clusters = list(items, cluster = "unit"), clusters_both = list(both, cluster = "unit")
)
tightest <- function(run) {
  for (tol in c(1e-12, 1e-11, 1e-10, 1e-9)) {
    fit <- suppressWarnings(run(list(control = list(rel.tol = tol))))
    if (lavInspect(fit, "converged")) return(fit)
  }
  suppressWarnings(run(list()))
}
# As in make_ordinal_mixed.R: N times the covariance of lavaan's moments from its casewise scores.
by_cluster <- function(fit, cluster) {
  one <- fit@Data; names <- one@ov.names[[1]]; kinds <- one@ov$type[match(names, one@ov$name)]
  got <- lavaan:::muthen1984(Data = one@X[[1]], ov.names = names, ov.types = kinds,
    ov.levels = one@ov$nlev[match(names, one@ov$name)], ov.names.x = one@ov.names.x[[1]], eXo = one@eXo[[1]],
    wt = NULL, WLS.W = TRUE)
  a <- rbind(cbind(got$A11, got$A12), cbind(got$A21, got$A22))
  summed <- rowsum(got$SC, d[[cluster]][one@case.idx[[1]]]); g <- nrow(summed); inverse <- solve(a)
  turn <- diag(ifelse(grepl("~1$", rownames(lavInspect(fit, "gamma"))), -1, 1))
  turn %*% (nrow(got$SC) * (got$H %*% inverse %*% crossprod(summed) %*% t(inverse) %*% t(got$H)) * g / (g - 1)) %*% turn
}
each <- function(x) if (is.list(x)) x else list(all = x)
# Standard errors of all residuals from lavaan's matrices, groups stacked with their shares of the rows.
errors_of <- function(fit) {
  n <- unlist(lavInspect(fit, "nobs")); gamma <- each(lavInspect(fit, "gamma")); v <- each(lavInspect(fit, "wls.v")); delta <- each(lavInspect(fit, "delta"))
  stack <- function(parts) { k <- sapply(parts, nrow); out <- matrix(0, sum(k), sum(k)); end <- cumsum(k)
    for (g in seq_along(parts)) { at <- (end[g] - k[g] + 1):end[g]; out[at, at] <- parts[[g]] }; out }
  D <- do.call(rbind, delta); V <- stack(Map("*", v, n / sum(n))); G <- stack(Map("/", gamma, n)); con <- fit@Model@con.jac
  Z <- diag(ncol(D)); if (nrow(con) > 0) { q <- qr(t(con)); Z <- qr.Q(q, complete = TRUE)[, -seq_len(q$rank), drop = FALSE] }
  E <- Z %*% solve(t(Z) %*% t(D) %*% V %*% D %*% Z) %*% t(Z); Q <- diag(nrow(D)) - D %*% E %*% t(D) %*% V
  X <- Q %*% G %*% t(Q); se <- sqrt(pmax(diag(X), 0)); end <- cumsum(sapply(gamma, nrow)); first <- end - sapply(gamma, nrow) + 1
  out <- lapply(seq_along(gamma), function(g) list(names = I(rownames(gamma[[g]])), se = I(as.numeric(se[first[g]:end[g]])), own = I(as.numeric(sqrt(diag(G)[first[g]:end[g]])))))
  names(out) <- names(gamma); out
}
square <- function(m) { m <- unclass(m); unname(matrix(as.numeric(m), nrow(m))) }
summary_of <- function(s) { s <- as.matrix(s); list(rows = I(rownames(s)), cols = I(colnames(s)), values = square(s)) }
residuals_of <- function(fit) {
  raw <- lavResiduals(fit, type = "raw"); many <- lavInspect(fit, "ngroups") > 1; raw <- if (many) raw[lavInspect(fit, "group.label")] else list(all = raw)
  out <- lapply(raw, function(r) { cov <- if (is.null(r[["cov"]])) r$res.cov else r[["cov"]]; mean <- if (is.null(r[["mean"]])) r$res.int else r[["mean"]]; th <- if (is.null(r[["th"]])) r$res.th else r[["th"]]
    list(names = I(rownames(cov)), cov = square(cov), mean = as.numeric(mean), th_names = I(names(th)), th = as.numeric(th), x = if (is.null(r$res.slopes)) NULL else I(colnames(r$res.slopes)), slopes = if (is.null(r$res.slopes)) NULL else square(r$res.slopes)) })
  full <- lavResiduals(fit, type = "cor.bentler", se = TRUE)
  list(raw = out, errors = errors_of(fit), lavaan = if (is.null(full$summary) || many) NULL else list(se = square(full$cov.se), summary = summary_of(full$summary)))
}
# The whole model as paths and covariances among all variables, from the table of estimates.
paths_of <- function(fit, group) {
  t <- parameterEstimates(fit, remove.nonfree = FALSE); if (!is.null(t$group)) t <- t[t$group == group, ]
  y <- lavNames(fit, "ov.nox"); x <- lavNames(fit, "ov.x"); f <- lavNames(fit, "lv"); v <- c(y, x, f); m <- length(v)
  A <- matrix(0, m, m, dimnames = list(v, v)); S <- A; nu <- setNames(numeric(m), v)
  for (k in seq_len(nrow(t))) { l <- t$lhs[k]; r <- t$rhs[k]
    if (t$op[k] == "=~") A[r, l] <- t$est[k] else if (t$op[k] == "~") A[l, r] <- t$est[k] else if (t$op[k] == "~~" && !(l %in% x)) S[l, r] <- S[r, l] <- t$est[k] else if (t$op[k] == "~1" && !(l %in% x)) nu[l] <- t$est[k] }
  total <- solve(diag(m) - A); dimnames(total) <- list(v, v); cov <- total %*% S %*% t(total)
  tau <- lapply(setNames(y, y), function(i) t$est[t$op == "|" & t$lhs == i])
  list(y = y, x = x, f = f, total = total, cov = cov, nu = nu, tau = tau, ordered = names(Filter(length, tau)))
}
# log p(answers, continuous values | factors, x) and log p(factors | x), at factors in rows of eta
parts_at <- function(p, row) {
  x <- as.numeric(row[p$x]); add <- p$nu; add[p$x] <- x; mean <- as.numeric(p$total %*% add); names(mean) <- rownames(p$total)
  seen <- p$y[!is.na(row[p$y])]; C <- p$cov[seen, p$f, drop = FALSE] %*% solve(p$cov[p$f, p$f]); left <- p$cov[seen, seen] - C %*% p$cov[p$f, seen, drop = FALSE]
  smooth <- setdiff(seen, p$ordered); cut <- intersect(seen, p$ordered)
  function(eta) {
    gap <- sweep(eta, 2, mean[p$f]); centre <- sweep(gap %*% t(C), 2, mean[seen], "+"); colnames(centre) <- seen; out <- numeric(nrow(eta)); K <- NULL
    if (length(smooth)) { W <- left[smooth, smooth, drop = FALSE]; e <- sweep(-centre[, smooth, drop = FALSE], 2, as.numeric(row[smooth]), "+")
      out <- out - 0.5 * rowSums((e %*% solve(W)) * e); K <- left[cut, smooth, drop = FALSE] %*% solve(W); move <- e %*% t(K); colnames(move) <- cut }
    for (i in cut) { m <- centre[, i] + if (is.null(K)) 0 else move[, i]; s <- sqrt(left[i, i] - if (is.null(K)) 0 else sum(K[i, ] * left[i, smooth]))
      tau <- c(-Inf, p$tau[[i]], Inf); y <- row[[i]]; a <- (tau[y] - m) / s; b <- (tau[y + 1] - m) / s; up <- a + b > 0
      out <- out + log(pmax(pnorm(ifelse(up, -a, b)) - pnorm(ifelse(up, -b, a)), 1e-300)) }
    list(like = out, prior = -0.5 * rowSums((gap %*% solve(p$cov[p$f, p$f])) * gap))
  }
}
mode_of <- function(p, row, ml = FALSE) {
  look <- parts_at(p, row); f <- function(z) { r <- look(matrix(z, 1)); -(r$like + if (ml) 0 else r$prior) }; z <- numeric(length(p$f))
  for (k in 1:3) z <- optim(z, f, method = "BFGS", control = list(reltol = 1e-15, maxit = 500, ndeps = rep(1e-5, length(z))))$par
  z <- nlminb(z, f, control = list(rel.tol = 1e-15, x.tol = 1e-12))$par
  list(mode = z, se = sqrt(diag(solve(optimHess(z, f, control = list(ndeps = rep(1e-3, length(z))))))))
}
mean_of <- function(p, row, steps) {
  look <- parts_at(p, row); L <- t(chol(p$cov[p$f, p$f])); g <- seq(-7, 7, length.out = steps); z <- as.matrix(expand.grid(rep(list(g), length(p$f))))
  add <- p$nu; add[p$x] <- as.numeric(row[p$x]); eta <- sweep(z %*% t(L), 2, as.numeric((p$total %*% add)[match(p$f, rownames(p$total))]), "+")
  r <- look(eta); w <- r$like + r$prior; w <- exp(w - max(w)); w <- w / sum(w); m <- colSums(w * eta)
  list(mean = as.numeric(m), sd = as.numeric(sqrt(colSums(w * sweep(eta, 2, m)^2))))
}
scores_of <- function(fit, group, at) {
  p <- paths_of(fit, group); rows <- lapply(at, function(k) d[k, ]); bind <- function(key, got) I(do.call(rbind, lapply(got, function(s) as.numeric(s[[key]]))))
  modes <- lapply(rows, function(r) mode_of(p, r)); means <- lapply(rows, function(r) mean_of(p, r, if (length(p$f) > 1) 281 else 2001))
  mls <- lapply(rows, function(r) tryCatch(mode_of(p, r, TRUE), error = function(e) list(mode = rep(NA, length(p$f)), se = rep(NA, length(p$f)))))
  list(factors = I(p$f), rows = I(at), ebm = bind("mode", modes), ebm_se = bind("se", modes), eap = bind("mean", means), eap_sd = bind("sd", means), ml = bind("mode", mls), ml_se = bind("se", mls))
}
predicted <- function(fit) { s <- lavPredict(fit, method = "EBM"); at <- lavInspect(fit, "case.idx"); list(cols = I(colnames(s)), rows = I(at[1:25]), values = square(s[1:25, , drop = FALSE]), sd = I(as.numeric(apply(s, 2, sd)))) }
# Probabilities of categories: averaged over the rows' x, at given x, and at values of a factor.
chances <- function(fit) {
  p <- paths_of(fit, 1); used <- d[lavInspect(fit, "case.idx"), ]
  centre <- function(x, names) { add <- matrix(p$nu, nrow(x), length(p$nu), byrow = TRUE, dimnames = list(NULL, names(p$nu))); add[, p$x] <- as.matrix(x[, p$x]); out <- add %*% t(p$total); colnames(out) <- names(p$nu); out[, names, drop = FALSE] }
  one <- function(i, m, v) { tau <- c(-Inf, p$tau[[i]], Inf); sapply(seq_len(length(tau) - 1), function(k) mean(pnorm((tau[k + 1] - m) / sqrt(v)) - pnorm((tau[k] - m) / sqrt(v)))) }
  at_f <- function(i, f, value, x) { C <- p$cov[i, f] / p$cov[f, f]; m <- centre(x, c(i, f)); one(i, m[, i] + C * (value - m[, f]), p$cov[i, i] - C * p$cov[i, f]) }
  older <- used; older$x <- 1; fixed <- older; fixed$z <- 0; wanted <- c("i1", "i2", "j2")
  lapply(setNames(wanted, wanted), function(i) { f <- substr(i, 1, 1); f <- if (f == "i") "f" else "g"
    list(seen = I(as.numeric(prop.table(table(used[[i]])))), share = I(one(i, centre(used, i), p$cov[i, i])), at_x = I(one(i, centre(older, i), p$cov[i, i])),
         at_both = I(one(i, centre(fixed, i), p$cov[i, i])), factor = f, at_factor = I(at_f(i, f, 0.7, used)), at_factor_x = I(at_f(i, f, 0.7, fixed)),
         probit = { m <- MASS::polr(factor(used[[i]]) ~ x + z, used, method = "probit"); q <- predict(m, older, type = "probs"); I(if (is.matrix(q)) as.numeric(colMeans(q)) else c(1 - mean(q), mean(q))) }) })
}
# Reliability of the sum of the answers (Green & Yang 2009), all variances with what x explains, and
# alpha of the correlations that slopes and residual correlations make, its error by differences.
shared <- function(r, a, b) sum(outer(a, b, Vectorize(function(x, y) pbivnorm::pbivnorm(x, y, r) - pnorm(x) * pnorm(y))))
reliable <- function(fit) {
  p <- paths_of(fit, 1); X <- as.matrix(d[lavInspect(fit, "case.idx"), p$x]); B <- p$total[, p$x]; add <- p$nu; add[p$x] <- colMeans(X)
  T <- p$cov + B %*% cov(X) %*% t(B); mean <- as.numeric(p$total %*% add); names(mean) <- names(p$nu); lambda <- lavInspect(fit, "est")$lambda; s <- lavInspect(fit, "sampstat")
  g <- lavInspect(fit, "gamma"); named <- rownames(g); values <- as.numeric(lavInspect(fit, "wls.obs")); n <- sum(unlist(lavInspect(fit, "nobs")))
  one <- function(f) { at <- p$y[substr(p$y, 1, 1) == (if (f == "f") "i" else "j")]; w <- sqrt(diag(T)[at]); load <- p$cov[at, f] / p$cov[f, f]
    direct <- sapply(at, function(i) { t <- parameterEstimates(fit); t$est[t$lhs == f & t$op == "=~" & t$rhs == i] }); tau <- lapply(at, function(i) (p$tau[[i]] - mean[i]) / sqrt(T[i, i]))
    true <- outer(direct / w, direct / w) * T[f, f]; whole <- T[at, at] / outer(w, w); k <- seq_along(at); up <- down <- 0
    for (a in k) for (b in k) { up <- up + shared(true[a, b], tau[[a]], tau[[b]])
      down <- down + if (a == b) sum(outer(tau[[a]], tau[[a]], function(x, y) pnorm(pmin(x, y)) - pnorm(x) * pnorm(y))) else shared(whole[a, b], tau[[a]], tau[[b]]) }
    alpha <- function(v) { R <- diag(length(p$y)); dimnames(R) <- list(p$y, p$y); S <- matrix(0, length(p$y), length(p$x), dimnames = list(p$y, p$x))
      for (m in seq_along(v)) { q <- strsplit(named[m], "~+")[[1]]; if (grepl("~~", named[m])) R[q[1], q[2]] <- R[q[2], q[1]] <- v[m] else if (grepl("~", named[m])) S[q[1], q[2]] <- v[m] }
      C <- cov2cor(R + S %*% cov(X) %*% t(S))[at, at]; length(at) / (length(at) - 1) * (1 - length(at) / sum(C)) }
    slope <- sapply(seq_along(values), function(m) { e <- values * 0; e[m] <- 1e-5; (alpha(values + e) - alpha(values - e)) / 2e-5 })
    list(omega = up / down, alpha = alpha(values), alpha_se = sqrt(drop(slope %*% g %*% slope) / n)) }
  list(f = one("f"), g = one("g"))
}
made <- lapply(names(fits), function(name) {
  f <- fits[[name]]; args <- if (length(f) > 1 && is.null(f$cluster)) f[[2]] else list(); ordered <- intersect(lavNames(lavaanify(f[[1]]), "ov"), five)
  run <- function(...) do.call("sem", c(list(model = f[[1]], data = d, ordered = ordered), args, ...)); fit <- tightest(run)
  if (!is.null(f$cluster)) { gamma <- by_cluster(fit, f$cluster); fit <- tightest(function(...) run(list(NACOV = gamma, WLS.V = diag(1 / diag(gamma))), ...)) }
  stopifnot(lavInspect(fit, "converged")); message(name)
  out <- list(model = f[[1]], ordered = I(ordered), args = args, cluster = f$cluster, residuals = residuals_of(fit))
  if (name %in% c("mixed", "mimic", "both", "joined", "mixed_pairwise")) out$lavaan <- predicted(fit)
  if (name %in% c("mixed", "mixed_pairwise", "mixed_theta", "joined", "mimic", "mimic_theta", "both", "both_pairwise", "single")) out$own <- list(all = scores_of(fit, 1, lavInspect(fit, "case.idx")[c(1:7, 33)]))
  if (name == "groups") { at <- lavInspect(fit, "case.idx"); out$own <- lapply(setNames(seq_along(at), names(at)), function(g) scores_of(fit, g, at[[g]][1:4])) }
  if (name %in% c("mimic", "mimic_theta", "mimic_pairwise")) out$reliability <- reliable(fit)
  if (name %in% c("mimic", "both")) out$categories <- chances(fit)
  out
})
names(made) <- names(fits)
write_json(list(lavaan = as.character(packageVersion("lavaan")), session = capture.output(sessionInfo()), fits = made), "goldens/ordinal_mixed_after.json", digits = I(10), auto_unbox = TRUE, na = "null", null = "null")
