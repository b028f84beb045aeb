# Goldens of ordinal models from lavaan 0.6-14, on synthetic items: Rscript make_ordinal.R
# Writes data/ordinal_items.csv and goldens/ordinal.json. Where groups have equal thresholds the
# expected fits are written out by semTools::measEq.syntax (Wu & Estabrook 2016).
suppressPackageStartupMessages({library(lavaan); library(semTools); library(jsonlite)})

set.seed(20261122)
n <- 900
cut_at <- function(y, tau) findInterval(y, tau) + 1
group <- rep(c("a", "b"), c(500, 400))
shift <- ifelse(group == "b", 0.4, 0)
f <- rnorm(n) * ifelse(group == "b", 1.2, 1) + shift
g <- 0.5 * f + rnorm(n, sd = 0.8)
item <- function(factor, loading, tau) cut_at(loading * factor + rnorm(n, sd = sqrt(1 - 0.8 * loading^2)), tau)
d <- data.frame(
  i1 = item(f, 0.8, c(-0.2)), i2 = item(f, 0.7, c(-0.6, 0.7)), i3 = item(f, 0.75, c(-1.1, -0.3, 0.4, 1.2)),
  i4 = item(f, 0.6, c(0.3)), j1 = item(g, 0.8, c(-0.9, 0, 0.9)), j2 = item(g, 0.7, c(-1.2, -0.5, 0.2, 1)),
  j3 = item(g, 0.75, c(-1.4, -0.9, -0.3, 0.2, 0.8, 1.5)), k1 = item(0.4 * f + 0.4 * g, 0.9, c(-0.4, 0.6))
)
d$k2 <- cut_at(0.5 * (d$k1 - 2) + 0.4 * g + rnorm(n), c(-0.8, 0.1, 0.9))
d$group <- group
holes <- d
for (v in names(d)[1:9]) holes[[v]][runif(n) < 0.06] <- NA
holes$group <- group
write.csv(holes, "data/ordinal_items.csv", row.names = FALSE, na = "")
d <- read.csv("data/ordinal_items.csv")

two <- "f =~ i1 + i2 + i3 + i4\ng =~ j1 + j2 + j3"
paths <- paste0(two, "\ng ~ a*f\nk1 ~ b*f + c*g\nk2 ~ e*k1 + h*g\nthrough := b*e")
written <- paste0(two, "\ni3 | p*t1 + t2 + q*t3 + t4\np == -q")
fits <- list(
  wlsmv = list(model = two), theta = list(model = two, args = list(parameterization = "theta")),
  std_lv = list(model = two, args = list(std.lv = TRUE)),
  pairwise = list(model = two, args = list(missing = "pairwise")),
  wlsmvs = list(model = two, args = list(estimator = "WLSMVS")),
  wlsm = list(model = two, args = list(estimator = "WLSM")),
  ulsm = list(model = two, args = list(estimator = "ULSM")),
  ulsmvs = list(model = two, args = list(estimator = "ULSMVS")),
  wls = list(model = two, args = list(estimator = "WLS")),
  dwls_standard = list(model = two, args = list(estimator = "DWLS", se = "standard")),
  dwls_robust = list(model = two, args = list(estimator = "DWLS", se = "robust.sem")),
  paths = list(model = paths), paths_theta = list(model = paths, args = list(parameterization = "theta")),
  constraint = list(model = written), orthogonal = list(model = two, args = list(orthogonal = TRUE)),
  configural = list(model = two, args = list(group = "group", std.lv = TRUE)),
  configural_theta = list(model = two, args = list(group = "group", parameterization = "theta")),
  loadings = list(model = two, args = list(group = "group", group.equal = "loadings")),
  loadings_std = list(model = two, args = list(group = "group", group.equal = "loadings", std.lv = TRUE))
)
# The fit with the strictest stopping rule that lavaan says it reached.
tightest <- function(run) {
  for (tol in c(1e-12, 1e-11, 1e-10, 1e-9)) {
    fit <- suppressWarnings(run(list(control = list(rel.tol = tol))))
    if (lavInspect(fit, "converged")) return(fit)
  }
  suppressWarnings(run(list()))
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
made <- lapply(fits, function(x) {
  fit <- tightest(function(...) do.call("sem", c(list(model = x$model, data = d, ordered = TRUE), x$args, ...)))
  if (!lavInspect(fit, "converged")) { message("not converged: ", x$model, x$args); return(NULL) }
  c(list(model = x$model, args = x$args), tell(fit))
})
# Wu & Estabrook (2016), written out by semTools: only the chi-square and df are of interest.
kinds <- list(thresholds = "thresholds", thresholds_loadings = c("thresholds", "loadings"),
              scalar = c("thresholds", "loadings", "intercepts"),
              strict = c("thresholds", "loadings", "intercepts", "residuals"))
many <- "f =~ i2 + i3 + j1 + j2"
equal <- list()
for (model in list(two, many)) for (kind in names(kinds)) for (p in c("delta", "theta")) {
  if (kind == "strict" && p == "delta") next
  text <- as.character(measEq.syntax(configural.model = model, data = d, ordered = lavNames(lavaanify(model), "ov"),
    parameterization = p, ID.fac = "std.lv", ID.cat = "Wu.Estabrook.2016", group = "group",
    group.equal = kinds[[kind]]))
  fit <- tightest(function(...) do.call("cfa", c(list(model = text, data = d, group = "group",
    ordered = lavNames(lavaanify(model), "ov"), parameterization = p), ...)))
  m <- tryCatch(fitMeasures(fit, c("chisq", "df", "chisq.scaled", "npar")), error = function(e) NULL)
  equal[[length(equal) + 1]] <- list(model = model, group_equal = I(kinds[[kind]]), parameterization = p,
    fitmeasures = as.list(unclass(m)))
}
made <- Filter(Negate(is.null), made)
out <- list(lavaan = as.character(packageVersion("lavaan")), semTools = as.character(packageVersion("semTools")),
            session = capture.output(sessionInfo()), fits = made, wu_estabrook = equal)
write_json(out, "goldens/ordinal.json", digits = NA, auto_unbox = TRUE, na = "null", null = "null")
