# Goldens of exploratory factors from lavaan, psych, GPArotation and stats: Rscript make_efa.R, in this folder
# Writes goldens/efa.json. Holzinger and Swineford's nine tests (lavaan's copy), and the bundled synthetic items. Loadings of
# factanal and rotations of GPArotation are searched to more digits than by default, so that they can be compared closely.
suppressPackageStartupMessages({library(lavaan); library(psych); library(GPArotation); library(jsonlite)})
quiet <- function(x) suppressWarnings(suppressMessages(x))
d <- HolzingerSwineford1939[, paste0("x", 1:9)]; n <- nrow(d); R <- cor(d)
o <- read.csv("data/ordinal_items.csv")[, c("i1", "i2", "i3", "i4", "j1", "j2", "j3", "k1", "k2")]
h <- read.csv("data/synthetic_missing.csv")[, c("inf1", "inf2", "inf3", "tru1", "tru2", "tru3", "aut1", "aut2", "aut3", "res1", "res2", "res3")]
m <- function(x) { x <- unclass(x); attributes(x) <- list(dim = dim(x)); x }

set.seed(1); made <- list()
for (k in 1:4) {
  f <- factanal(covmat = list(cov = R, n.obs = n), factors = k, rotation = "none", control = list(opt = list(factr = 1, maxit = 5000)))
  made[[paste0("factanal_", k)]] <- list(loadings = m(f$loadings), uniqueness = unname(f$uniquenesses), bartlett = unname(f$STATISTIC), df = f$dof, pvalue = unname(f$PVAL))
}
A <- made$factanal_3$loadings
gpa <- function(fun, method, args = list(), ...) { g <- quiet(fun(A, method = method, methodArgs = args, eps = 1e-8, maxit = 20000, ...)); list(loadings = m(g$loadings), phi = if (is.null(g$Phi)) diag(3) else m(g$Phi), value = unname(tail(g$Table[, 2], 1))) }
want <- matrix(0, 9, 3); for (k in 1:3) want[(3 * k - 2):(3 * k), k] <- NA
free <- list(W = 1 - is.na(want), Target = matrix(0, 9, 3))
made$rotations <- list(
  oblimin = gpa(GPFoblq, "oblimin"), oblimin_half = gpa(GPFoblq, "oblimin", list(gam = -.5)), oblimin_kaiser = gpa(GPFoblq, "oblimin", normalize = TRUE),
  geomin = gpa(GPFoblq, "geomin", list(delta = .001)), geomin_hundredth = gpa(GPFoblq, "geomin", list(delta = .01)), geomin_orthogonal = gpa(GPForth, "geomin", list(delta = .001)),
  varimax = gpa(GPForth, "varimax", normalize = TRUE), quartimax = gpa(GPForth, "quartimax", normalize = TRUE), equamax = gpa(GPForth, "cf", list(kappa = 3 / 18), normalize = TRUE),
  target = gpa(GPFoblq, "pst", free), target_orthogonal = gpa(GPForth, "pst", free))
v <- varimax(A, eps = 1e-14); p <- promax(v$loadings)
made$promax <- list(loadings = m(p$loadings), varimax = m(v$loadings))

both <- function(x) { f <- quiet(fa(x$R, 3, n.obs = x$n, fm = x$fm, rotate = "oblimin")); list(communality = unname(f$communality), chisq = f$STATISTIC, df = f$dof, rms = f$rms, explained = sort(unname(f$Vaccounted[1, ]), decreasing = TRUE), complexity = unname(f$complexity)) }
made$psych <- list(ml = both(list(R = R, n = n, fm = "ml")), minres = both(list(R = R, n = n, fm = "minres")))
P <- polychoric(na.omit(o), correct = 0)$rho
made$psych$polychoric_ml <- both(list(R = P, n = nrow(na.omit(o)), fm = "ml")); made$psych$polychoric_minres <- both(list(R = P, n = nrow(na.omit(o)), fm = "minres"))

of <- function(...) {
  f <- quiet(efa(...))[[1]]; s <- standardizedSolution(f); l <- s[s$op == "=~", ]; k <- length(unique(l$lhs)); ph <- s[s$op == "~~" & s$lhs != s$rhs & grepl("^f", s$lhs), ]
  list(loadings = matrix(l$est.std, ncol = k), se = matrix(l$se, ncol = k), phi = ph$est.std, phi_se = ph$se, measures = as.list(fitMeasures(f)))
}
made$lavaan <- list(
  oblimin = of(d, nfactors = 3, rotation = "oblimin"), geomin = of(d, nfactors = 3), varimax = of(d, nfactors = 3, rotation = "varimax"), two = of(d, nfactors = 2, rotation = "oblimin"),
  mlm = of(d, nfactors = 3, rotation = "oblimin", estimator = "MLM"), two_stage = of(h, nfactors = 4, rotation = "oblimin", missing = "two.stage"), complete = of(na.omit(h), nfactors = 4, rotation = "oblimin"),
  wls = of(o, nfactors = 3, rotation = "oblimin", ordered = TRUE, missing = "listwise"), wls_pairwise = of(o, nfactors = 3, rotation = "geomin", ordered = TRUE, missing = "pairwise"),
  uls = of(o, nfactors = 2, rotation = "oblimin", ordered = TRUE, estimator = "ULSMV", missing = "listwise"))

set.seed(1); pa <- quiet(fa.parallel(d, SMC = TRUE, plot = FALSE, n.iter = 20)); pp <- quiet(fa.parallel(P, n.obs = n, SMC = TRUE, plot = FALSE, n.iter = 5))
# Velicer's average, written out: squares as in psych::vss, and fourth powers
average <- function(R, power) sapply(0:(ncol(R) - 2), function(k) { e <- eigen(R); L <- if (k) e$vectors[, 1:k, drop = FALSE] %*% diag(sqrt(e$values[1:k]), k) else matrix(0, ncol(R), 1); C <- cov2cor(R - L %*% t(L)); mean(abs(C[lower.tri(C)])^power) })
made$count <- list(components = pa$pc.values, factors = pa$fa.values, components_polychoric = pp$pc.values, factors_polychoric = pp$fa.values,
  map = quiet(vss(d, n = 8, plot = FALSE, rotate = "none"))$map, map4 = average(R, 4), map_polychoric = quiet(vss(P, n = 8, n.obs = n, plot = FALSE, rotate = "none"))$map)
made$sessionInfo <- list(R = R.version.string, lavaan = as.character(packageVersion("lavaan")), psych = as.character(packageVersion("psych")), GPArotation = as.character(packageVersion("GPArotation")))
write_json(made, "goldens/efa.json", digits = I(12), auto_unbox = TRUE, na = "null")
