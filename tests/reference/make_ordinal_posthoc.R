# Goldens after a fit of ordinal items from lavaan 0.6-14: Rscript make_ordinal_posthoc.R
# Modification indices, score, Wald and difference tests on data/ordinal_items.csv, and the first
# two of least squares of continuous answers. Writes goldens/ordinal_posthoc.json. Where groups have
# equal thresholds semTools::measEq.syntax writes the model out (Wu & Estabrook 2016).
suppressPackageStartupMessages({library(lavaan); library(semTools); library(jsonlite)})
d <- read.csv("data/ordinal_items.csv")
g <- read.csv("data/synthetic_complete.csv")
quiet <- function(x) suppressWarnings(suppressMessages(x))
plain <- function(x) { x <- as.data.frame(unclass(x)); rownames(x) <- NULL; as.list(x) }
two <- "f =~ i1 + i2 + i3 + i4\ng =~ j1 + j2 + j3"
tau <- "f =~ i1 + a*i2 + a*i3 + i4\ng =~ j1 + b*j2 + c*j3"
models <- list(two = two, tau = tau, tau_less = paste0(tau, "\nb == c"), turned = "g =~ j1 + k*j3 + k*j2\nf =~ i1 + m*i3 + m*i2 + i4",
  correlated = paste0(two, "\nf ~~ 0.3*g"), paths = paste0(two, "\ng ~ a*f\nk1 ~ b*f + c*g\nk2 ~ e*k1 + h*g\nthrough := b*e"),
  paths_equal = paste0(two, "\ng ~ f\nk1 ~ b*f + b*g\nk2 ~ e*k1 + e*g"),
  info = "info =~ inf1 + inf2 + inf3\ntrust =~ tru1 + tru2 + tru3\ntrust ~ info",
  info_equal = "info =~ inf1 + a*inf2 + a*inf3\ntrust =~ tru1 + b*tru2 + b*tru3\ntrust ~ info",
  info_less = "info =~ inf1 + a*inf2 + a*inf3\ntrust =~ tru1 + a*tru2 + a*tru3\ntrust ~ info")
# The fit with the strictest stopping rule that lavaan says it reached.
tightest <- function(run) {
  for (tol in c(1e-13, 1e-12, 1e-11, 1e-10, 1e-9)) {
    fit <- quiet(run(list(control = list(rel.tol = tol))))
    if (lavInspect(fit, "converged")) return(fit)
  }
  quiet(run(list()))
}
items <- function(model, a = list()) tightest(function(more) do.call("sem", c(list(models[[model]], data = d, ordered = TRUE), a, more)))
numbers <- function(model, a = list()) tightest(function(more) do.call("sem", c(list(models[[model]], data = g), a, more)))
kinds <- list(configural = character(0), thresholds = "thresholds", loadings = c("thresholds", "loadings"),
  intercepts = c("thresholds", "loadings", "intercepts"), residuals = c("thresholds", "loadings", "intercepts", "residuals"))
written <- function(kind, p) {
  a <- list(configural.model = two, data = d, ordered = lavNames(lavaanify(two), "ov"), parameterization = p,
    ID.fac = "std.lv", ID.cat = "Wu.Estabrook.2016", group = "group")
  if (length(kinds[[kind]])) a$group.equal <- kinds[[kind]]
  text <- as.character(do.call(measEq.syntax, a))
  tightest(function(more) do.call("cfa", c(list(text, data = d, group = "group", ordered = a$ordered, parameterization = p), more)))
}
mi_of <- function(fit) { t <- quiet(modindices(fit)); p <- quiet(modindices(fit, power = TRUE)); t$ncp <- p$ncp; t$power <- p$power; t$block <- t$level <- NULL; plain(t) }
score_of <- function(fit) { s <- quiet(lavTestScore(fit, epc = TRUE)); list(test = plain(s$test), uni = plain(s$uni), epc = plain(s$epc[s$epc$free > 0, intersect(c("lhs", "op", "rhs", "group", "est", "epc"), names(s$epc))])) }
case <- function(model, ...) list(model = model, args = list(...))
many <- list(wlsmv = case("two"), theta = case("two", parameterization = "theta"), ulsmv = case("two", estimator = "ULSMV"), wls = case("two", estimator = "WLS"),
  pairwise = case("two", missing = "pairwise"), std_lv = case("two", std.lv = TRUE), tau = case("tau"), paths = case("paths", parameterization = "theta"),
  loadings = case("two", group = "group", group.equal = "loadings"), configural_theta = case("two", group = "group", parameterization = "theta"))
mi <- lapply(many, function(m) c(m, list(table = mi_of(items(m$model, m$args)))))
mi_groups <- list()
for (p in c("delta", "theta")) for (kind in c("thresholds", "loadings", "intercepts")) mi_groups[[paste(kind, p, sep = "_")]] <-
  list(group_equal = I(kinds[[kind]]), parameterization = p, table = mi_of(written(kind, p)))
equal <- list(tau = case("tau_less"), turned = case("turned"), theta = case("tau_less", parameterization = "theta"), ulsm = case("turned", estimator = "ULSM"), wls = case("turned", estimator = "WLS"),
  paths = case("paths_equal", parameterization = "theta"), loadings = case("two", group = "group", group.equal = "loadings"),
  loadings_theta = case("two", group = "group", group.equal = "loadings", parameterization = "theta"))
score <- lapply(equal, function(m) c(m, score_of(items(m$model, m$args))))
wald <- list(paths = c(case("paths", parameterization = "theta"), list(constraints = "a == b\nc*e == h")), defined = c(case("paths", parameterization = "theta"), list(constraints = "through == 1")),
  tau = c(case("tau"), list(constraints = "a == b\nb == c")), wls = c(case("tau", estimator = "WLS"), list(constraints = "a == b")), groups = c(case("tau", estimator = "ULSMV"), list(constraints = "a*b == c")))
wald <- lapply(wald, function(m) { w <- lavTestWald(items(m$model, m$args), m$constraints); c(m, list(stat = w$stat, df = w$df, p = w$p.value)) })
least <- list(gls = case("info", estimator = "GLS"), wls = case("info", estimator = "WLS"), uls = case("info", estimator = "ULS"), gls_means = case("info", estimator = "GLS", meanstructure = TRUE),
  gls_groups = case("info", estimator = "GLS", group = "wave"), wls_equal = case("info_equal", estimator = "WLS"), gls_equal = case("info_equal", estimator = "GLS"))
least$gls_groups <- NULL
continuous <- lapply(least, function(m) { fit <- numbers(m$model, m$args); c(m, list(table = mi_of(fit)), if (grepl("equal", m$model)) list(score = score_of(fit))) })

tests <- list(default = list(), satorra_bentler_2001 = list(method = "satorra.bentler.2001"), satorra_bentler_2010 = list(method = "satorra.bentler.2010"),
  satorra_2000_delta_shifted = list(method = "satorra.2000"), satorra_2000_delta = list(method = "satorra.2000", scaled.shifted = FALSE),
  satorra_2000_exact_shifted = list(method = "satorra.2000", A.method = "exact"), satorra_2000_exact = list(method = "satorra.2000", A.method = "exact", scaled.shifted = FALSE))
run_tests <- function(fits) lapply(tests, function(t) { r <- quiet(tryCatch(do.call("lavTestLRT", c(unname(fits), t, list(model.names = names(fits)))), error = function(e) conditionMessage(e))); if (is.character(r)) list(error = r) else list(model = rownames(r), df = r$Df, chisq = r[["Chisq diff"]], df_diff = r[["Df diff"]], pvalue = r[["Pr(>Chisq)"]]) })
chain <- c("two", "tau", "tau_less"); lrt <- list()
for (e in c("WLSMV", "WLSM", "WLSMVS", "ULSMV", "ULSM", "ULSMVS", "WLS")) lrt[[tolower(e)]] <- list(model = chain, args = list(estimator = e))
lrt$theta <- list(model = chain, args = list(estimator = "WLSMV", parameterization = "theta"))
lrt$theta_wlsm <- list(model = chain, args = list(estimator = "WLSM", parameterization = "theta"))
lrt$pairwise <- list(model = c("two", "tau"), args = list(missing = "pairwise"))
lrt$turned <- list(model = c("two", "turned"), args = list(estimator = "WLSMV"))
lrt <- lapply(lrt, function(m) { fits <- lapply(m$model, items, m$args); names(fits) <- m$model; c(m, list(tests = run_tests(fits))) })
lrt_continuous <- lapply(list(ulsm = "ULSM", ulsmv = "ULSMV", ulsmvs = "ULSMVS", gls = "GLS", wls = "WLS"), function(e) { m <- list(model = c("info", "info_equal", "info_less"), args = list(estimator = e)); fits <- lapply(m$model, numbers, m$args); names(fits) <- m$model; c(m, list(tests = run_tests(fits))) })
ladder <- list()
for (p in c("delta", "theta")) { steps <- names(kinds)[if (p == "delta") 1:4 else 1:5]
  fits <- lapply(steps, written, p); names(fits) <- steps; ladder[[p]] <- list(steps = lapply(kinds[steps], I), tests = run_tests(fits)[c("default", "satorra_2000_delta")]) }
out <- list(lavaan = as.character(packageVersion("lavaan")), semTools = as.character(packageVersion("semTools")), session = capture.output(print(sessionInfo(), locale = FALSE))[1:3],
  models = models, mi = mi, mi_groups = mi_groups, score = score, wald = wald, continuous = continuous, lrt = lrt, lrt_continuous = lrt_continuous, ladder = ladder)
write_json(out, "goldens/ordinal_posthoc.json", digits = I(10), auto_unbox = TRUE, na = "null", null = "null", dataframe = "columns")
