# Writes goldens/invariance.json: ladders of invariance by lavaan, robust score tests from lavaan's scores and information,
# dMACS by numerical integration of its formula, and differences of latent means with delta-method errors.
# Rscript make_invariance.R <folder with the data as csv> <output folder>; material.export_data writes the csv.
suppressPackageStartupMessages({library(lavaan); library(jsonlite)})
args <- commandArgs(trailingOnly = TRUE); data_folder <- args[1]; out_folder <- args[2]
read_data <- function(name) read.csv(file.path(data_folder, paste0(name, ".csv")))
hs <- "visual =~ x1 + x2 + x3\ntextual =~ x4 + x5 + x6\nspeed =~ x7 + x8 + x9"
H <- read_data("holzinger_swineford"); G <- read_data("holzinger_holes")
tight <- function(...) { fit <- suppressWarnings(cfa(..., control = list(rel.tol = 1e-12))); if (lavInspect(fit, "converged")) fit else suppressWarnings(cfa(...)) }
equal <- list(configural = "", metric = "loadings", scalar = c("loadings", "intercepts"), strict = c("loadings", "intercepts", "residuals"))
more <- list(lv_variances = c("loadings", "intercepts", "lv.variances"), lv_covariances = c("loadings", "intercepts", "lv.variances", "lv.covariances"), means = c("loadings", "intercepts", "lv.variances", "lv.covariances", "means"))

ladder <- function(data, ...) {
  fits <- lapply(c(equal, more), function(e) tight(hs, data, group = "school", group.equal = e, std.lv = TRUE, ...))
  measures <- lapply(fits, function(f) { m <- fitMeasures(f); w <- function(n) { for (s in c(".robust", ".scaled", "")) if (paste0(n, s) %in% names(m)) return(m[[paste0(n, s)]]) }
    chisq <- if ("chisq.scaled" %in% names(m)) c("chisq.scaled", "pvalue.scaled") else c("chisq", "pvalue")
    list(chisq = m[[chisq[1]]], df = m[["df"]], pvalue = m[[chisq[2]]], cfi = w("cfi"), rmsea = w("rmsea"), srmr = m[["srmr"]], bic = m[["bic"]]) })
  against <- c(metric = "configural", scalar = "metric", strict = "scalar", lv_variances = "scalar", lv_covariances = "lv_variances", means = "lv_covariances")
  tests <- lapply(names(against), function(n) { t <- lavTestLRT(fits[[against[[n]]]], fits[[n]]); list(against = against[[n]], chisq = t[2, "Chisq diff"], df = t[2, "Df diff"], pvalue = t[2, "Pr(>Chisq)"], rmsea = if ("RMSEA" %in% names(t)) t[2, "RMSEA"] else NA) })
  names(tests) <- names(against)
  list(measures = measures, tests = tests) }

# Boos (1992): with R the constraints kept, Z their null space, A and B information and variance of the scores, H the slopes of those released
scores_of <- function(step, op, ...) {
  fit <- tight(hs, ..., group = "school", group.equal = step, std.lv = TRUE); p <- parTable(fit); n <- sum(lavInspect(fit, "nobs"))
  free <- p[p$free > 0, ]; e <- p[p$op == "==", ]; S <- lavScores(fit, ignore.constraints = TRUE, remove.duplicated = FALSE)
  J <- t(sapply(seq_len(nrow(e)), function(k) { v <- numeric(nrow(free)); v[free$plabel == e$lhs[k]] <- 1; v[free$plabel == e$rhs[k]] <- -1; v }))
  A <- lavInspect(fit, "information.expected"); B <- crossprod(S) / n; s <- colSums(S) / n
  items <- unique(free[free$op == op & free$group == 1, c("lhs", "op", "rhs")]); items <- items[items$lhs %in% paste0("x", 1:9) | op == "=~", ]
  do.call(rbind, lapply(seq_len(nrow(items)), function(k) { i <- items[k, ]
    mine <- free$plabel[free$lhs == i$lhs & free$op == i$op & free$rhs == i$rhs]; out <- which(e$lhs %in% mine | e$rhs %in% mine)
    Z <- MASS::Null(t(J[-out, , drop = FALSE])); h <- J[out, , drop = FALSE] %*% Z; a <- solve(t(Z) %*% A %*% Z); b <- t(Z) %*% B %*% Z; g <- h %*% a %*% (t(Z) %*% s)
    x <- n * t(g) %*% solve(h %*% a %*% b %*% a %*% t(h), g); plain <- n * t(t(Z) %*% s) %*% a %*% (t(Z) %*% s)
    data.frame(item = if (op == "=~") i$rhs else i$lhs, robust = x[1], normal = plain[1], df = length(out)) })) }

# Nye & Drasgow (2011): the square of the difference of expected answers averaged over the focal group's factor
dmacs <- function(data) {
  do.call(rbind, lapply(paste0("x", 1:9), function(item) {
    factor <- c("visual", "textual", "speed")[(as.integer(substr(item, 2, 2)) - 1) %/% 3 + 1]
    fit <- tight(hs, data, group = "school", group.equal = equal$scalar, group.partial = c(paste0(factor, "=~", item), paste0(item, "~1")), std.lv = TRUE, meanstructure = TRUE)
    e <- lavInspect(fit, "est"); n <- lavInspect(fit, "nobs"); sd <- sapply(split(data[[item]], factor(data$school, levels = lavInspect(fit, "group.label"))), sd)
    l <- sapply(e, function(g) g$lambda[item, factor]); t <- sapply(e, function(g) g$nu[item, 1]); m <- e[[2]]$alpha[factor, 1]; v <- e[[2]]$psi[factor, factor]
    pooled <- sum((n - 1) * sd) / (sum(n) - 2); gap <- function(x) (t[2] - t[1]) + (l[2] - l[1]) * x
    d <- sqrt(integrate(function(x) gap(x)^2 * dnorm(x, m, sqrt(v)), m - 12 * sqrt(v), m + 12 * sqrt(v), rel.tol = 1e-10)$value) / pooled
    s <- integrate(function(x) gap(x) * dnorm(x, m, sqrt(v)), m - 12 * sqrt(v), m + 12 * sqrt(v), rel.tol = 1e-10)$value / pooled
    data.frame(item = item, loading = l[[2]], intercept = t[[2]], dmacs = d, signed = s) })) }

means <- function(data, ...) {
  f <- c("visual", "textual", "speed"); k <- 1:3
  text <- paste0(hs, paste0("\n", f, " ~~ c(1, NA)*", f, " + c(a", k, ", v", k, ")*", f, "\n", f, " ~ c(0, NA)*1 + c(b", k, ", m", k, ")*1", collapse = ""))
  n <- table(data$school)[unique(data$school)]
  text <- paste0(text, paste0("\nd", 1:3, " := m", 1:3, " / sqrt((", n[1] - 1, " + ", n[2] - 1, " * v", 1:3, ") / ", sum(n) - 2, ")", collapse = ""))
  p <- parameterEstimates(tight(text, data, group = "school", group.equal = equal$scalar, std.lv = TRUE, ...))
  p[p$label %in% c(paste0("m", 1:3), paste0("d", 1:3)), c("label", "est", "se", "ci.lower", "ci.upper", "pvalue")] }

out <- list(lavaan = as.character(packageVersion("lavaan")), session = capture.output(print(sessionInfo(), locale = FALSE))[1:3], model = hs,
  ladder = list(ml = c(list(data = "holzinger_swineford", args = list(estimator = "ML")), ladder(H)), mlr = c(list(data = "holzinger_swineford", args = list(estimator = "MLR")), ladder(H, estimator = "MLR")),
    mlm = c(list(data = "holzinger_swineford", args = list(estimator = "MLM")), ladder(H, estimator = "MLM")),
    fiml = c(list(data = "holzinger_holes", args = list(estimator = "MLR", missing = "ml")), ladder(G, estimator = "MLR", missing = "ml"))),
  scores = list(metric = as.list(scores_of("loadings", "=~", H)), scalar = as.list(scores_of(equal$scalar, "~1", H))), dmacs = as.list(dmacs(H)), means = list(ml = as.list(means(H)), mlr = as.list(means(H, estimator = "MLR"))))
write_json(out, file.path(out_folder, "invariance.json"), digits = I(10), auto_unbox = TRUE, na = "null", null = "null", dataframe = "columns")
