# Writes goldens/missing_*.json: Rscript make_missing.R
# Two-stage ML, exogenous answers that are missing, auxiliary variables, fractions of missing information and pooled
# imputations of data/synthetic_missing.csv. The imputed frames are drawn here (seeded) and written beside the results.
suppressPackageStartupMessages({library(lavaan); library(semTools); library(jsonlite)})
here <- dirname(normalizePath(sub("--file=", "", grep("--file=", commandArgs(), value = TRUE)[1])))
data <- read.csv(file.path(here, "data", "synthetic_missing.csv"))
out <- file.path(here, "goldens")

plain <- function(x) { x <- as.data.frame(unclass(x)); rownames(x) <- NULL; as.list(x) }
numbers <- function(x) { v <- as.numeric(x); names(v) <- names(x); as.list(v) }
write <- function(x, name) write_json(x, file.path(out, paste0(name, ".json")), digits = I(10), auto_unbox = TRUE, na = "null", null = "null", dataframe = "columns")
quiet <- function(x) suppressWarnings(suppressMessages(x))

models <- list(
  latent = "info =~ inf1 + inf2 + inf3\ntrust =~ tru1 + tru2 + tru3\nauton =~ aut1 + aut2 + aut3\ntrust ~ a*info\nauton ~ b*trust + c*info\nindirect := a*b",
  covariates = "info =~ inf1 + inf2 + inf3\ntrust =~ tru1 + tru2 + tru3\ninfo ~ manager\ntrust ~ info + tenure",
  observed = "tru1 ~ inf1 + manager + tenure\nres1 ~ tru1 + inf1 + tenure",
  short = "info =~ inf1 + inf2 + inf3\ntrust =~ tru1 + tru2 + tru3\ntrust ~ info")

result <- function(fit) {
  pe <- quiet(parameterEstimates(fit, standardized = TRUE, remove.nonfree = FALSE)); pe$std.nox <- NULL
  list(converged = lavInspect(fit, "converged"), group.label = I(as.character(lavInspect(fit, "group.label"))), nobs = sum(unlist(lavInspect(fit, "nobs"))), estimates = plain(pe),
       standardizedSolution = plain(quiet(standardizedSolution(fit))), fitmeasures = numbers(quiet(fitMeasures(fit))))
}
# lavaan's EM stops at 1e-5 of the log-likelihood by default, which shows in robust measures of badly scaled variables
exact <- list(em.h1.tol = 1e-10, em.h1.iter.max = 5000)
run <- function(model, ...) quiet(do.call("sem", c(list(models[[model]], data), list(...), exact)))
case <- function(model, ...) { args <- list(...); fit <- do.call(run, c(list(model), args)); c(list(model = models[[model]], args = args), result(fit)) }

fits <- list(
  two_stage = case("latent", missing = "two.stage"),
  robust_two_stage = case("latent", missing = "robust.two.stage"),
  robust_two_stage_cluster = case("latent", missing = "robust.two.stage", cluster = "unit"),
  two_stage_std_lv = case("latent", missing = "two.stage", std.lv = TRUE),
  two_stage_random_x = case("covariates", missing = "two.stage", fixed.x = FALSE),
  robust_two_stage_random_x = case("covariates", missing = "robust.two.stage", fixed.x = FALSE),
  two_stage_groups = case("short", missing = "two.stage", group = "manager"),
  two_stage_groups_equal = case("short", missing = "two.stage", group = "manager", group.equal = c("loadings", "intercepts")),
  robust_two_stage_groups_equal = case("short", missing = "robust.two.stage", group = "manager", group.equal = c("loadings")),
  ml_x = case("covariates", missing = "ml.x"),
  ml_x_observed = case("observed", missing = "ml.x"),
  ml_random_mlr = case("covariates", missing = "ml", estimator = "MLR", fixed.x = FALSE),
  ml_mlr_expected = case("latent", missing = "ml", estimator = "MLR", information = "expected"),
  ml_mlr_expected_cluster = case("covariates", missing = "ml", estimator = "MLR", information = "expected", cluster = "unit"),
  ml_mlr_expected_groups = case("short", missing = "ml", estimator = "MLR", information = "expected", group = "manager", group.equal = c("loadings", "intercepts")),
  ml_random_mlr_cluster = case("covariates", missing = "ml", estimator = "MLR", fixed.x = FALSE, cluster = "unit"),
  ml_x_random = case("covariates", missing = "ml.x", fixed.x = FALSE))
fits$ml_x_groups <- local({
  d <- data; d$half <- ifelse(as.integer(factor(d$unit)) <= 12, "one", "two"); m <- "info =~ inf1 + inf2 + inf3\ntrust =~ tru1 + tru2 + tru3\ntrust ~ info + tenure"
  fit <- quiet(sem(m, d, missing = "ml.x", group = "half", group.equal = "loadings", em.h1.tol = 1e-10, em.h1.iter.max = 5000))
  c(list(model = m, args = list(missing = "ml.x", group = "half", group.equal = "loadings")), result(fit)) })
write(fits, "missing_fits")

fmi_of <- function(model, ...) { fit <- run(model, ...); pe <- quiet(parameterEstimates(fit, fmi = TRUE, remove.nonfree = FALSE)); keep <- intersect(c("lhs", "op", "rhs", "group", "se", "fmi"), names(pe)); list(model = models[[model]], args = list(...), group.label = I(as.character(lavInspect(fit, "group.label"))), estimates = plain(pe[, keep])) }
write(list(
  latent = fmi_of("latent", missing = "ml"), std_lv = fmi_of("latent", missing = "ml", std.lv = TRUE),
  covariates = fmi_of("covariates", missing = "ml", fixed.x = FALSE), fixed_x = fmi_of("covariates", missing = "ml"),
  groups = fmi_of("short", missing = "ml", group = "manager"),
  groups_equal = fmi_of("short", missing = "ml", group = "manager", group.equal = "loadings")), "missing_fmi")

with_aux <- function(model, aux, ...) { fit <- quiet(do.call("sem.auxiliary", c(list(models[[model]], data = data, aux = aux), list(...), exact))); c(list(model = models[[model]], aux = aux, args = list(...)), result(fit)) }
write(list(
  latent = with_aux("latent", c("res1", "tenure"), missing = "ml"),
  mlr = with_aux("latent", c("res1", "tenure"), missing = "ml", estimator = "MLR"),
  mlr_cluster = with_aux("latent", c("res1", "tenure"), missing = "ml", estimator = "MLR", cluster = "unit"),
  one = with_aux("short", c("aut1"), missing = "ml"),
  covariates = with_aux("covariates", c("res1"), missing = "ml"),
  groups = with_aux("short", c("res1", "tenure"), missing = "ml", group = "manager"),
  groups_equal = with_aux("short", c("res1", "tenure"), missing = "ml", group = "manager", group.equal = "loadings")), "missing_auxiliary")

# Imputations: normal draws from the regression on the complete columns' EM moments, rounded; any frames would do.
impute <- function(seed) {
  set.seed(seed); v <- c("inf1", "inf2", "inf3", "tru1", "tru2", "tru3", "aut1", "aut2", "aut3", "manager", "tenure"); x <- as.matrix(data[, v]); d <- data
  h1 <- quiet(lavCor(as.data.frame(x), missing = "ml", output = "sampstat")); S <- unclass(h1$cov)[v, v]; mu <- unclass(h1$mean)[v]
  for (i in which(rowSums(is.na(x)) > 0)) { o <- !is.na(x[i, ]); m <- !o
    b <- S[m, o, drop = FALSE] %*% solve(S[o, o]); C <- S[m, m] - b %*% S[o, m]; e <- t(chol((C + t(C)) / 2)) %*% rnorm(sum(m))
    x[i, m] <- round(mu[m] + b %*% (x[i, o] - mu[o]) + e, 2) }
  d[, v] <- x; d[, c("unit", v)] }
frames <- lapply(1:5, impute)
test_of <- function(fit, ...) numbers(quiet(lavTestLRT.mi(fit, ...)))
pooled <- function(model, ...) {
  fit <- quiet(sem.mi(models[[model]], data = frames, ...)); s <- quiet(summary(fit, fmi = TRUE, ci = TRUE, standardized = TRUE, output = "data.frame")); s$exo <- NULL; s$std.nox <- NULL
  robust <- "chisq.scaled" %in% names(quiet(fitMeasures(fit, test = "D2")))
  list(model = models[[model]], args = list(...), group.label = I(as.character(if (lavInspect(fit, "ngroups") > 1) lavInspect(fit, "group.label") else character(0))), estimates = plain(s), D3 = tryCatch(test_of(fit, test = "D3"), error = function(e) NULL), D3_asymptotic = tryCatch(test_of(fit, test = "D3", asymptotic = TRUE), error = function(e) NULL),
       D2 = test_of(fit, test = "D2"), D2_asymptotic = test_of(fit, test = "D2", asymptotic = TRUE),
       fitmeasures_D3 = tryCatch(numbers(quiet(fitMeasures(fit, test = "D3"))), error = function(e) NULL), fitmeasures_D2 = numbers(quiet(fitMeasures(fit, test = "D2"))), vcov = unname(unclass(quiet(vcov(fit))))) }
write(lapply(frames, function(d) as.list(d)), "missing_imputed")
write(list(
  latent = pooled("latent", meanstructure = TRUE), no_means = pooled("latent"), fixed_x = pooled("covariates", meanstructure = TRUE), random_x = pooled("covariates", meanstructure = TRUE, fixed.x = FALSE),
  mlr = pooled("latent", estimator = "MLR"), mlr_cluster = pooled("latent", estimator = "MLR", cluster = "unit"),
  groups = pooled("short", group = "manager"), groups_equal = pooled("short", group = "manager", group.equal = c("loadings", "intercepts"))), "missing_pooled")
writeLines(capture.output(print(sessionInfo(), locale = FALSE)), file.path(out, "missing_sessionInfo.txt"))
