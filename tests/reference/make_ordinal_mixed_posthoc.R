# Goldens after a fit of ordinal items beside continuous variables and covariates, and with weights,
# from lavaan 0.6-14: Rscript make_ordinal_mixed_posthoc.R
# Reads data/ordinal_mixed.csv, writes goldens/ordinal_mixed_posthoc.json.
suppressPackageStartupMessages({library(lavaan); library(jsonlite)})
d <- read.csv("data/ordinal_mixed.csv")
quiet <- function(x) suppressWarnings(suppressMessages(x))
plain <- function(x) { x <- as.data.frame(unclass(x)); rownames(x) <- NULL; as.list(x) }
items <- "f =~ i1 + i2 + i3\ng =~ j1 + j2 + o1"
mixed <- "f =~ i1 + i2 + i3 + c1\ng =~ j1 + j2 + c2\ng ~ f"
mimic <- "f =~ i1 + i2 + i3\ng =~ j1 + j2\ng ~ f + x\nf ~ x + z"
both <- paste0(mixed, " + x\nf ~ x + z")
models <- list(items = items, items_equal = "f =~ i1 + k*i2 + k*i3\ng =~ j1 + m*j2 + m*o1", mixed = mixed, mimic = mimic, both = both,
  mixed_equal = "f =~ i1 + k*i2 + k*i3 + c1\ng =~ j1 + j2 + c2\ng ~ f\nc1 ~~ v*c1\nc2 ~~ w*c2\nw == 4*v",
  mimic_equal = "f =~ i1 + k*i2 + k*i3\ng =~ j1 + j2\ng ~ f + b*x\nf ~ b*x + z", mimic_less = "f =~ i1 + k*i2 + k*i3\ng =~ j1 + j2\ng ~ f\nf ~ x + z",
  both_equal = "f =~ i1 + k*i2 + k*i3 + c1\ng =~ j1 + j2 + c2\ng ~ f + b*x\nf ~ b*x + z")
tightest <- function(run) {
  for (tol in c(1e-13, 1e-12, 1e-11, 1e-10, 1e-9)) {
    fit <- quiet(run(list(control = list(rel.tol = tol))))
    if (lavInspect(fit, "converged")) return(fit)
  }
  quiet(run(list()))
}
ordered <- c("i1", "i2", "i3", "j1", "j2", "o1")
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
fit_of <- function(model, a) tightest(function(more) do.call("sem", c(list(models[[model]], data = d, ordered = intersect(ordered, lavNames(lavaanify(models[[model]]), "ov"))), a, more)))
# With clusters as in make_ordinal_mixed.R: the moments' covariance matrix made of sums within clusters.
clustered <- function(model) { run <- function(more) do.call("sem", c(list(models[[model]], data = d, ordered = intersect(ordered, lavNames(lavaanify(models[[model]]), "ov"))), more))
  gamma <- by_cluster(tightest(run), "unit"); tightest(function(more) run(c(list(NACOV = gamma, WLS.V = diag(1 / diag(gamma))), more))) }
case <- function(model, ...) list(model = model, args = list(...))
mi_of <- function(fit) { t <- quiet(modindices(fit)); t$block <- t$level <- NULL; plain(t) }
score_of <- function(fit) { s <- quiet(lavTestScore(fit, epc = TRUE)); list(test = plain(s$test), uni = plain(s$uni), epc = plain(s$epc[s$epc$free > 0, intersect(c("lhs", "op", "rhs", "group", "est", "epc"), names(s$epc))])) }
mi <- list(mixed = case("mixed"), mixed_theta = case("mixed", parameterization = "theta"), mixed_wls = case("mixed", estimator = "WLS"), mixed_groups = case("mixed", group = "site", group.equal = "loadings"),
  mimic = case("mimic"), mimic_theta = case("mimic", parameterization = "theta"), mimic_ulsmv = case("mimic", estimator = "ULSMV"), both = case("both"), both_pairwise = case("both", missing = "pairwise"),
  weights = case("items", sampling.weights = "w"), weights_mimic = case("mimic", sampling.weights = "w"))
mi <- lapply(mi, function(m) c(m, list(table = mi_of(fit_of(m$model, m$args)))))
score <- list(mixed = case("mixed_equal"), mimic = case("mimic_equal"), both = case("both_equal"), weights = case("items_equal", sampling.weights = "w"),
  mimic_wls = case("mimic_equal", estimator = "WLS"), mixed_groups = case("mixed", group = "site", group.equal = c("loadings", "regressions")), mimic_groups = case("mimic", group = "site", group.equal = "regressions"))
score <- lapply(score, function(m) c(m, score_of(fit_of(m$model, m$args))))
tests <- list(default = list(), satorra_bentler_2001 = list(method = "satorra.bentler.2001"), satorra_2000_delta = list(method = "satorra.2000", scaled.shifted = FALSE))
run_tests <- function(fits) lapply(tests, function(t) { r <- quiet(tryCatch(do.call("lavTestLRT", c(unname(fits), t, list(model.names = names(fits)))), error = function(e) conditionMessage(e))); if (is.character(r)) list(error = r) else list(model = rownames(r), df = r$Df, chisq = r[["Chisq diff"]], df_diff = r[["Df diff"]], pvalue = r[["Pr(>Chisq)"]]) })
pair <- function(one, two, ...) list(model = c(one, two), args = list(...))
lrt <- list(mixed = pair("mixed", "mixed_equal"), mixed_wlsm = pair("mixed", "mixed_equal", estimator = "WLSM"), mimic = pair("mimic", "mimic_equal"), mimic_less = pair("mimic", "mimic_less"), mimic_theta = pair("mimic", "mimic_less", parameterization = "theta"), mimic_wls = pair("mimic", "mimic_less", estimator = "WLS"),
  both = pair("both", "both_equal"), both_pairwise = pair("both", "both_equal", missing = "pairwise"), both_ulsmvs = pair("both", "both_equal", estimator = "ULSMVS"), weights = pair("items", "items_equal", sampling.weights = "w"), weights_mimic = pair("mimic", "mimic_equal", sampling.weights = "w"))
lrt <- lapply(lrt, function(m) { fits <- lapply(m$model, fit_of, m$args); names(fits) <- m$model; c(m, list(tests = run_tests(fits))) })
clusters <- lapply(list(items = c("items", "items_equal"), mixed = c("mixed", "mixed_equal"), mimic = c("mimic", "mimic_less")), function(two) {
  fits <- lapply(two, clustered); names(fits) <- two; list(model = two, tests = run_tests(fits), mi = mi_of(fits[[1]]), score = if (two[1] != "mimic") score_of(fits[[2]])) })
out <- list(lavaan = as.character(packageVersion("lavaan")), session = capture.output(print(sessionInfo(), locale = FALSE))[1:3], models = models, mi = mi, score = score, lrt = lrt, clusters = clusters)
write_json(out, "goldens/ordinal_mixed_posthoc.json", digits = I(10), auto_unbox = TRUE, na = "null", null = "null", dataframe = "columns")
