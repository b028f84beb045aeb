# Writes goldens/survey_design_*.json: Rscript make_survey_design.R
# Sampling weights (lavaan), strata and clusters that span groups (package survey applied to the scores of lavaan's
# fits), the cluster jackknife (lavaan refitted without each cluster; package clubSandwich for a regression) and the score
# bootstrap (every sign of the clusters' scores of lavaan's restricted fits), on data/synthetic_*.csv with
# data/survey_design.csv. Needs lavaan, survey, clubSandwich, jsonlite.
suppressPackageStartupMessages({library(lavaan); library(survey); library(jsonlite); library(clubSandwich)})
here <- dirname(normalizePath(sub("--file=", "", grep("--file=", commandArgs(), value = TRUE)[1])))
out <- file.path(here, "goldens"); read <- function(name) read.csv(file.path(here, "data", paste0(name, ".csv")))
design <- read("survey_design"); design$unit <- NULL
data <- list(complete = cbind(read("synthetic_complete"), design), missing = cbind(read("synthetic_missing"), design))
# lavaan lets the weight of a row without any answer count in the normalisation and shifts the weights that follow it
# in the log-likelihood; weighted fits therefore start from rows with answers
data$answered <- data$missing[rowSums(!is.na(data$missing[, paste0(rep(c("inf", "tru", "aut", "res"), each = 3), 1:3)])) > 0, ]
plain <- function(x) { x <- as.data.frame(unclass(x)); rownames(x) <- NULL; as.list(x) }
numbers <- function(x) { v <- as.numeric(x); names(v) <- names(x); as.list(v) }
matrix_of <- function(m) list(rows = I(rownames(m)), cols = I(colnames(m)), values = unname(matrix(as.numeric(m), nrow(m))))
write <- function(x, name) write_json(x, file.path(out, paste0("survey_design_", name, ".json")), digits = I(10), auto_unbox = TRUE, na = "null", null = "null", dataframe = "columns")
quiet <- function(x) suppressWarnings(suppressMessages(x))
# as near to the optimum as lavaan's optimiser can get
nearest <- function(...) {
  for (tol in c(1e-13, 1e-12, 1e-11, 1e-10)) { fit <- quiet(do.call("sem", c(list(...), list(control = list(rel.tol = tol))))); if (lavInspect(fit, "converged")) return(fit) }
  stop("did not converge")
}

models <- list(
  latent = "info =~ inf1 + inf2 + inf3\ntrust =~ tru1 + tru2 + tru3\nauton =~ aut1 + aut2 + aut3\ntrust ~ a*info\nauton ~ b*trust + c*info\nindirect := a*b",
  covariates = "info =~ inf1 + inf2 + inf3\ntrust =~ tru1 + tru2 + tru3\ninfo ~ manager\ntrust ~ info + tenure",
  short = "info =~ inf1 + inf2 + inf3\ntrust =~ tru1 + tru2 + tru3\ntrust ~ info",
  regression = "tru1 ~ inf1 + tenure")

result <- function(fit) {
  pe <- quiet(parameterEstimates(fit, standardized = TRUE, remove.nonfree = FALSE)); pe$std.nox <- NULL
  o <- list(converged = lavInspect(fit, "converged"), nobs = sum(unlist(lavInspect(fit, "nobs"))), estimates = plain(pe),
            standardizedSolution = plain(quiet(standardizedSolution(fit))), fitmeasures = numbers(quiet(fitMeasures(fit))))
  if (lavInspect(fit, "ngroups") > 1) o$group.label <- lavInspect(fit, "group.label")
  o
}
run <- function(model, frame, ...) nearest(models[[model]], frame, ...)

# --- weights ----------------------------------------------------------------------------------------------------------
weighted <- function(name, model, frame, ...) {
  args <- list(...); args$sampling.weights <- "weight"
  c(list(name = name, model = models[[model]], data = frame, args = args), result(do.call(run, c(list(model, data[[frame]]), args))))
}
write(list(
  weighted("mlr", "latent", "complete", estimator = "MLR"),
  weighted("ml_becomes_robust", "latent", "complete"),
  weighted("mlr_means", "latent", "complete", estimator = "MLR", meanstructure = TRUE),
  weighted("listwise", "latent", "answered", estimator = "MLR"),
  weighted("none", "latent", "complete", estimator = "MLR", sampling.weights.normalization = "none"),
  weighted("cluster", "latent", "complete", estimator = "MLR", cluster = "unit"),
  weighted("covariates", "covariates", "complete", estimator = "MLR"),
  weighted("covariates_random", "covariates", "complete", estimator = "MLR", fixed.x = FALSE),
  weighted("covariates_cluster", "covariates", "complete", estimator = "MLR", cluster = "unit"),
  weighted("fiml", "latent", "answered", missing = "ml", estimator = "MLR"),
  weighted("fiml_cluster", "latent", "answered", missing = "ml", estimator = "MLR", cluster = "unit"),
  weighted("fiml_covariates", "covariates", "answered", missing = "ml", estimator = "MLR"),
  weighted("groups_total", "latent", "complete", estimator = "MLR", group = "region"),
  weighted("groups_group", "latent", "complete", estimator = "MLR", group = "region", sampling.weights.normalization = "group"),
  weighted("groups_none", "latent", "complete", estimator = "MLR", group = "region", sampling.weights.normalization = "none"),
  weighted("groups_loadings", "short", "complete", estimator = "MLR", group = "region", group.equal = c("loadings", "intercepts")),
  weighted("groups_cluster", "short", "complete", estimator = "MLR", group = "region", cluster = "unit", group.equal = "loadings"),
  weighted("groups_fiml_cluster", "short", "answered", missing = "ml", estimator = "MLR", group = "region", cluster = "unit"),
  weighted("groups_fiml_group", "short", "answered", missing = "ml", estimator = "MLR", group = "region", sampling.weights.normalization = "group"),
  weighted("groups_fiml_none", "short", "answered", missing = "ml", estimator = "MLR", group = "region", sampling.weights.normalization = "none")
), "weights")

# --- casewise scores of any fit, by differentiating each row's own log-likelihood --------------------------------------
normal <- function(x, mu, sigma, rows = !is.na(x)) {
  total <- numeric(nrow(x)); key <- apply(rows, 1, paste, collapse = "")
  for (k in unique(key)) {
    if (!grepl("TRUE", k)) next
    at <- key == k; o <- rows[which(at)[1], ]; z <- sweep(x[at, o, drop = FALSE], 2, mu[o]); s <- sigma[o, o, drop = FALSE]
    total[at] <- -0.5 * (sum(o) * log(2 * pi) + as.numeric(determinant(s)$modulus) + rowSums((z %*% solve(s)) * z))
  }
  total
}
rows_of <- function(fit) sort(unlist(fit@Data@case.idx))
loglik <- function(fit, theta) {
  model <- lavaan:::lav_model_set_parameters(fit@Model, theta); implied <- lavaan:::lav_model_implied(model)
  used <- rows_of(fit); out <- numeric(max(used))
  for (g in seq_len(lavInspect(fit, "ngroups"))) {
    x <- fit@Data@X[[g]]; mu <- implied$mean[[g]]; if (is.null(mu) || length(mu) == 0) mu <- colMeans(x)
    out[fit@Data@case.idx[[g]]] <- normal(x, as.numeric(mu), implied$cov[[g]])
  }
  out[used]
}
scores <- function(fit, moved = FALSE) {
  theta <- if (moved) fit@optim$x else as.numeric(coef(fit))
  h <- 1e-4
  sapply(seq_along(theta), function(k) { d <- replace(numeric(length(theta)), k, h)
    (8 * (loglik(fit, theta + d) - loglik(fit, theta - d)) - (loglik(fit, theta + 2 * d) - loglik(fit, theta - 2 * d))) / (12 * h) })
}
bread <- function(fit) lavInspect(fit, "inverted.information.observed") / sum(unlist(lavInspect(fit, "nobs")))
square <- function(fit, middle) { v <- bread(fit) %*% middle %*% bread(fit); dimnames(v) <- dimnames(vcov(fit)); v }

# --- strata and clusters that span groups: sandwich with the design-based variance of the total score ------------------
design_vcov <- function(fit, frame, weights = NULL, ...) {
  s <- scores(fit); frame <- frame[rows_of(fit), ]; weights <- weights[rows_of(fit)]
  w <- if (is.null(weights)) rep(1, nrow(s)) else weights / sum(weights) * nrow(s)
  frame <- cbind(frame, as.data.frame(s)); names(frame)[ncol(frame) - ncol(s) + seq_len(ncol(s))] <- paste0("score", seq_len(ncol(s)))
  frame$w <- w; d <- svydesign(data = frame, weights = ~w, ...)
  square(fit, vcov(svytotal(as.formula(paste("~", paste0("score", seq_len(ncol(s)), collapse = "+"))), d)))
}
designed <- function(name, model, which, sandwich, ...) {
  fit <- run(model, data[[which]], estimator = "MLR", meanstructure = TRUE, ...); frame <- data[[which]]
  o <- list(name = name, model = models[[model]], data = which, args = list(estimator = "MLR", ...))
  c(o, list(vcov = matrix_of(sandwich(fit, frame)), lavaan = matrix_of(unclass(vcov(fit))), chisq = as.numeric(fitMeasures(fit, "chisq"))))
}
options(survey.lonely.psu = "certainty")
few <- data$complete; few$lonely <- ifelse(few$unit == "u01", "alone", few$stratum)
data$lonely <- few
write(list(
  strata_clusters = designed("strata_clusters", "latent", "complete", function(f, d) design_vcov(f, d, ids = ~unit, strata = ~stratum)),
  strata_rows = designed("strata_rows", "latent", "complete", function(f, d) design_vcov(f, d, ids = ~1, strata = ~stratum)),
  strata_weights = designed("strata_weights", "latent", "complete", function(f, d) design_vcov(f, d, d$weight, ids = ~unit, strata = ~stratum), sampling.weights = "weight"),
  strata_fiml = designed("strata_fiml", "short", "missing", function(f, d) design_vcov(f, d, ids = ~unit, strata = ~stratum), missing = "ml"),
  strata_certainty = designed("strata_certainty", "short", "lonely", function(f, d) design_vcov(f, d, ids = ~unit, strata = ~lonely)),
  strata_groups = designed("strata_groups", "short", "complete", function(f, d) design_vcov(f, d, ids = ~unit, strata = ~stratum), group = "wave", group.equal = c("loadings", "regressions")),
  plain_clusters = designed("plain_clusters", "latent", "complete", function(f, d) design_vcov(f, d, ids = ~unit), cluster = "unit"),
  spanning = designed("spanning", "short", "complete", function(f, d) design_vcov(f, d, ids = ~unit), group = "wave", cluster = "unit"),
  spanning_equal = designed("spanning_equal", "short", "complete", function(f, d) design_vcov(f, d, ids = ~unit), group = "wave", cluster = "unit", group.equal = c("loadings", "regressions")),
  spanning_weights = designed("spanning_weights", "short", "complete", function(f, d) design_vcov(f, d, d$weight, ids = ~unit), group = "wave", cluster = "unit", sampling.weights = "weight"),
  nested = designed("nested", "short", "complete", function(f, d) design_vcov(f, d, ids = ~unit), group = "region", cluster = "unit")
), "strata")

# --- the cluster jackknife --------------------------------------------------------------------------------------------
left_out <- function(name, model, which, cluster, ...) {
  frame <- data[[which]]; whole <- run(model, frame, ...); labels <- sort(unique(frame[[cluster]]))
  refits <- t(sapply(labels, function(g) coef(run(model, frame[frame[[cluster]] != g, ], ...))))
  gap <- sweep(refits, 2, coef(whole)); v <- crossprod(gap) * (length(labels) - 1) / length(labels)
  keep <- !duplicated(names(coef(whole)))
  list(name = name, model = models[[model]], data = which, cluster = cluster, args = list(...), clusters = length(labels),
       names = names(coef(whole))[keep], est = as.numeric(coef(whole))[keep], se = as.numeric(sqrt(diag(v)))[keep])
}
ols <- lm(tru1 ~ inf1 + tenure, data$complete); g <- length(unique(data$complete$team))
club <- sqrt(diag(vcovCR(ols, data$complete$team, "CR3")) * (g - 1) / g)
write(list(
  fits = list(
    left_out("latent", "latent", "complete", "unit", meanstructure = TRUE),
    left_out("covariates", "covariates", "complete", "unit", meanstructure = TRUE),
    left_out("teams", "short", "complete", "team", meanstructure = TRUE),
    left_out("regression", "regression", "complete", "team", meanstructure = TRUE),
    left_out("fiml", "short", "missing", "team", missing = "ml"),
    left_out("fiml_covariates", "covariates", "missing", "team", missing = "ml"),
    left_out("weights", "short", "complete", "team", sampling.weights = "weight", meanstructure = TRUE),
    left_out("groups", "short", "complete", "unit", group = "wave", group.label = c("first", "second")),
    left_out("groups_equal", "short", "complete", "unit", group = "region", group.label = c("east", "west"), group.equal = c("loadings", "regressions"))),
  clubSandwich = list(names = I(c("tru1~inf1", "tru1~tenure")), se = as.numeric(club[-1]))
), "jackknife")

# --- the score bootstrap: every sign of the clusters' contributions at lavaan's restricted estimates ------------------
signed <- function(name, model, which, parameter, value, ...) {
  frame <- data[[which]]; free <- run(model, frame, ...); side <- strsplit(parameter, "~")[[1]]
  lines <- strsplit(models[[model]], "\n")[[1]]; own <- startsWith(lines, paste0(side[1], " ~ "))
  lines[own] <- sub(paste0("([ ~])", side[2]), paste0("\\1", value, "*", side[2]), lines[own]); text <- paste(lines, collapse = "\n")
  held <- nearest(text, frame, ...)
  theta <- replace(numeric(length(coef(free))), 0, 0); names(theta) <- names(coef(free))
  theta[names(coef(held))] <- coef(held); theta[parameter] <- value
  at <- free; at@optim$x <- as.numeric(theta); at@Model <- lavaan:::lav_model_set_parameters(at@Model, theta)
  at@implied <- lavaan:::lav_model_implied(at@Model)
  u <- rowsum(scores(at, TRUE), frame$team[rows_of(at)]) %*% solve(lavInspect(at, "information.observed"))[, match(parameter, names(theta))]
  signs <- as.matrix(expand.grid(rep(list(c(-1, 1)), length(u)))); total <- signs %*% u
  statistic <- function(w) { t <- sum(w * u); t / sqrt(sum((w * u)^2) - t^2 / length(u)) }
  other <- abs(apply(signs, 1, statistic)); found <- statistic(rep(1, length(u)))
  list(name = name, model = models[[model]], data = which, parameter = parameter, value = value, args = list(...), statistic = found,
       pvalue = mean(other >= abs(found) * (1 - 1e-7)))
}
write(list(
  signed("zero", "short", "complete", "trust~info", 0, meanstructure = TRUE),
  signed("half", "short", "complete", "trust~info", 0.4, meanstructure = TRUE),
  signed("covariate", "covariates", "complete", "trust~tenure", 0, meanstructure = TRUE),
  signed("fiml", "short", "missing", "trust~info", 0.45, missing = "ml")
), "score")
writeLines(c(capture.output(print(sessionInfo(), locale = FALSE)), paste("BLAS in use:", basename(La_library()))), file.path(out, "survey_design_sessionInfo.txt"))
