# Goldens of reliability from semTools 0.5-6 and psych, on synthetic answers: Rscript make_reliability.R
# Writes data/reliability_items.csv and goldens/reliability.json. x1 to x9 hold a general and three special factors, u1 to u4
# are five-point items of which u3 is asked the other way round. Where semTools does not take items with unequal numbers of
# categories, equation 21 of Green & Yang (2009) is evaluated here with mvtnorm.
suppressPackageStartupMessages({library(lavaan); library(semTools); library(jsonlite); library(mvtnorm)})

set.seed(20261130)
n <- 500
general <- rnorm(n); special <- matrix(rnorm(3 * n), n)
x <- sapply(1:9, function(j) c(.8, .7, .6, .7, .6, .5, .8, .6, .7)[j] * general + c(.4, .5, .45)[(j - 1) %/% 3 + 1] * special[, (j - 1) %/% 3 + 1] + rnorm(n, sd = .6))
colnames(x) <- paste0("x", 1:9)
eta <- 0.5 * general + rnorm(n, sd = sqrt(.75)); cut_at <- function(y, tau) findInterval(y, tau) + 1
five <- function(l) cut_at(l * eta + rnorm(n, sd = sqrt(1 - l^2)), c(-1.3, -.7, .1, .9))
d <- data.frame(round(x, 2), u1 = five(.8), u2 = five(.7), u3 = 6 - five(.6), u4 = five(.75))
for (v in c("x1", "x5", "u2")) d[[paste0(v, "h")]] <- replace(d[[v]], runif(n) < .1, NA)
write.csv(d, "data/reliability_items.csv", row.names = FALSE, na = "")
d <- read.csv("data/reliability_items.csv"); o <- read.csv("data/ordinal_items.csv")

num <- function(x) { v <- unlist(lapply(unclass(as.list(x)), as.numeric)); as.list(v) }
rows <- function(x) { x <- as.data.frame(x); r <- rownames(x); x <- as.list(as.data.frame(lapply(x, as.numeric))); c(list(names = I(r)), x) }
quiet <- function(x) suppressWarnings(suppressMessages(x))

three <- "a =~ x1 + x2 + x3\nb =~ x4 + x5 + x6\nc =~ x7 + x8 + x9"
second <- paste0(three, "\ng =~ a + b + c")
bifactor <- paste0("g =~ x1 + x2 + x3 + x4 + x5 + x6 + x7 + x8 + x9\n", three, "\ng ~~ 0*a + 0*b + 0*c\na ~~ 0*b + 0*c\nb ~~ 0*c")
covaried <- "a =~ x1 + x2 + x3 + x4\nx1 ~~ x2"
scale_of <- function(fit, ...) list(omega = num(compRelSEM(fit, obs.var = FALSE, ...)), omega_observed = num(compRelSEM(fit, ...)))
of <- function(model, ...) quiet(cfa(model, d, ...))
fit3 <- of(three); fit2 <- of(second); fitb <- of(bifactor, std.lv = TRUE); fitc <- of(covaried)
made <- list(
  three = c(scale_of(fit3), list(ave = num(AVE(fit3, obs.var = FALSE)), ave_observed = num(AVE(fit3)),
    maximal = lapply(c(a = "a =~ x1 + x2 + x3", b = "b =~ x4 + x5 + x6"), function(m) as.numeric(maximalRelia(of(m)))))),
  second = list(level1 = num(compRelSEM(fit2, higher = "g", obs.var = FALSE)), l2 = num(quiet(reliabilityL2(fit2, "g")))),
  bifactor = scale_of(fitb), covaried = scale_of(fitc), models = list(three = three, second = second, bifactor = bifactor, covaried = covaried))
made$three$without <- sapply(c("x1", "x2", "x3"), function(v) num(compRelSEM(fit3, obs.var = FALSE, omit.indicators = v))$a)
total <- function(fit, items) { i <- lavInspect(fit, "implied")$cov[items, items]; t <- lavInspect(fit, "est")$theta[items, items]; 1 - sum(t) / sum(i) }
made$bifactor$total <- list(g = total(fitb, paste0("x", 1:9)), a = total(fitb, c("x1", "x2", "x3")))
made$second$total <- list(g = total(fit2, paste0("x", 1:9)))

items <- function(x, keys = NULL, ...) {
  a <- quiet(psych::alpha(x, keys = keys, ...))
  list(alpha = a$total$raw_alpha, average_r = a$total$average_r, dropped = I(a$alpha.drop$raw_alpha), rest = I(a$item.stats$r.drop), n = I(a$item.stats$n))
}
made$psych <- list(a = items(d[, c("x1", "x2", "x3")]), u = items(d[, c("u1", "u2", "u3", "u4")], keys = "u3"),
  holes = items(d[, c("x1h", "x2", "x3")]), many = items(d[, c("x1h", "x4", "x5h", "x7")]))
om <- quiet(psych::omega(d[, paste0("x", 1:9)], nfactors = 3, plot = FALSE, fm = "ml"))
made$psych$omega <- list(total = om$omega.tot, hierarchical = om$omega_h)

u <- quiet(cfa("u =~ u1 + u2 + u3 + u4", transform(d, u3 = 6 - u3), ordered = TRUE))
turned <- quiet(cfa("u =~ u1 + u2 + u3 + u4", d, ordered = TRUE))
made$ordinal <- list(
  omega = num(compRelSEM(u)), omega_implied = num(compRelSEM(u, obs.var = FALSE)), alpha = num(compRelSEM(u, tau.eq = TRUE)),
  alpha_ordinal = num(compRelSEM(u, tau.eq = TRUE, ord.scale = FALSE)), omega_latent = num(compRelSEM(u, ord.scale = FALSE)),
  omega_latent_implied = num(compRelSEM(u, ord.scale = FALSE, obs.var = FALSE)), ave = num(AVE(u, obs.var = FALSE)))

# Green & Yang (2009), equation 21, item by item, for any numbers of categories; s are the signs of the items in the sum.
green_yang <- function(tau, lambda, r, s) {
  k <- length(tau); true <- total <- 0
  both <- function(i, j, rho) sum(outer(seq_along(tau[[i]]), seq_along(tau[[j]]), Vectorize(function(a, b)
    pmvnorm(upper = c(tau[[i]][a], tau[[j]][b]), corr = matrix(c(1, rho, rho, 1), 2), algorithm = Miwa(4097)) - pnorm(tau[[i]][a]) * pnorm(tau[[j]][b]))))
  same <- function(t) sum(outer(t, t, function(a, b) pnorm(pmin(a, b)) - pnorm(a) * pnorm(b)))
  for (i in 1:k) for (j in 1:k) {
    true <- true + s[i] * s[j] * both(i, j, lambda[i] * lambda[j])
    total <- total + s[i] * s[j] * (if (i == j) same(tau[[i]]) else both(i, j, r[i, j]))
  }
  true / total
}
by_formula <- function(fit, block, s = rep(1, length(block)), observed = FALSE) {
  one <- function(std, implied) {
    load <- std[std$op == "=~", ]; lambda <- load$est.std[match(block, load$rhs)]
    tau <- lapply(block, function(v) std$est.std[std$op == "|" & std$lhs == v]); mean <- sapply(block, function(v) { m <- std$est.std[std$op == "~1" & std$lhs == v]; if (length(m)) m else 0 })
    green_yang(Map(`-`, tau, mean), lambda, cov2cor(unclass(implied)[block, block]), s)
  }
  std <- standardizedSolution(fit, se = FALSE); cov <- if (observed) lavInspect(fit, "sampstat") else lavInspect(fit, "implied")
  if (lavInspect(fit, "ngroups") == 1) return(one(std, cov$cov))
  mapply(function(g, c) one(std[std$group == g | std$op == "=~" & std$group == g, ], c$cov), seq_along(cov), cov)
}
two <- "f =~ i1 + i2 + i3 + i4\ng =~ j1 + j2 + j3"
fi <- c("i1", "i2", "i3", "i4"); gj <- c("j1", "j2", "j3"); oc <- o[complete.cases(o[, c(fi, gj)]), ]
whole <- quiet(cfa(two, oc, ordered = c(fi, gj))); groups <- quiet(cfa(two, oc, ordered = c(fi, gj), group = "group"))
pairs <- quiet(cfa(two, o, ordered = c(fi, gj), missing = "pairwise"))
made$green_yang <- list(check = by_formula(u, paste0("u", 1:4)), check_observed = by_formula(u, paste0("u", 1:4), observed = TRUE),
  turned = by_formula(turned, paste0("u", 1:4), c(1, 1, -1, 1)), f = by_formula(whole, fi), g = by_formula(whole, gj),
  groups = list(labels = lavInspect(groups, "group.label"), f = by_formula(groups, fi), g = by_formula(groups, gj)), pairwise_f = by_formula(pairs, fi))
made$unequal <- tryCatch(num(compRelSEM(whole)), error = function(e) paste("refused:", conditionMessage(e)))
made$unequal_alpha <- list(psych = items(oc[, fi])$alpha, ordinal = num(compRelSEM(whole, tau.eq = TRUE, ord.scale = FALSE)), pairwise = items(o[, fi])$alpha)
made$session <- capture.output(print(sessionInfo(), locale = FALSE))
write_json(made, "goldens/reliability.json", digits = I(12), auto_unbox = TRUE, na = "null")
