# Writes goldens/posthoc.json: modification indices, score, Wald and difference tests by lavaan.
# Rscript make_posthoc.R <folder with the data as csv> <output folder>; material.export_data writes the csv.
suppressPackageStartupMessages({library(lavaan); library(jsonlite)})
args <- commandArgs(trailingOnly = TRUE); data_folder <- args[1]; out_folder <- args[2]
read_data <- function(name) read.csv(file.path(data_folder, paste0(name, ".csv")))
plain <- function(x) { x <- as.data.frame(unclass(x)); rownames(x) <- NULL; as.list(x) }
quiet <- function(x) suppressWarnings(x)

hs <- "visual =~ x1 + x2 + x3\ntextual =~ x4 + x5 + x6\nspeed =~ x7 + x8 + x9"
models <- list(
  hs = hs,
  hs_second = paste0(hs, "\ng =~ visual + textual\nspeed ~ g + ageyr"),
  hs_paths = "x3 ~ x1 + x2\nx4 ~ x3\nx5 ~ x4 + x1",
  hs_covariates = paste0(hs, "\nvisual ~ sex + ageyr\nspeed ~ visual + sex\nx5 ~ sex"),
  hs_covariates_less = paste0(hs, "\nvisual ~ sex + ageyr\nspeed ~ visual"),
  hs_fixed = "visual =~ x1 + 0.8*x2 + x3\ntextual =~ x4 + x5 + x6\nvisual ~~ 0.2*textual\nx1 ~~ 0*x4",
  hs_means = "visual =~ x1 + x2 + x3\ntextual =~ x4 + x5 + x6\nx1 ~ 0*1\nvisual ~ 1\nx2 ~ 5*1",
  hs_regressions = paste0(hs, "\nvisual ~ textual\nageyr ~ speed + visual\nagemo ~ textual\nx9 ~ x1\nx8 ~ textual"),
  hs_equal = "visual =~ x1 + a*x2 + a*x3\ntextual =~ x4 + b*x5 + b*x6\nspeed =~ x7 + x8 + x9",
  hs_three = "visual =~ x1 + k*x2 + k*x3\ntextual =~ x4 + k*x5 + x6\nspeed =~ x7 + x8 + x9",
  hs_equal_less = "visual =~ x1 + a*x2 + a*x3\ntextual =~ x4 + b*x5 + b*x6\nspeed =~ x7 + x8 + x9\nvisual ~~ 0*speed",
  hs_stated = "visual =~ x1 + a*x2 + b*x3\ntextual =~ x4 + c*x5 + d*x6\nspeed =~ x7 + x8 + x9\na == b\nc == d + 0.1",
  pd = "ind60 =~ x1 + x2 + x3\ndem60 =~ y1 + y2 + y3 + y4\ndem65 =~ y5 + y6 + y7 + y8\ndem60 ~ ind60\ndem65 ~ ind60 + dem60\ny1 ~~ y5\ny2 ~~ y4 + y6\ny3 ~~ y7\ny4 ~~ y8\ny6 ~~ y8",
  pd_equal = "ind60 =~ x1 + x2 + x3\ndem60 =~ y1 + a*y2 + b*y3 + c*y4\ndem65 =~ y5 + a*y6 + b*y7 + c*y8\ndem60 ~ ind60\ndem65 ~ ind60 + dem60\ny1 ~~ y5\ny2 ~~ y4 + y6\ny3 ~~ y7\ny4 ~~ y8\ny6 ~~ y8",
  pd_labels = "ind60 =~ x1 + x2 + x3\ndem60 =~ y1 + a*y2 + b*y3 + c*y4\ndem65 =~ y5 + d*y6 + e*y7 + f*y8\ndem60 ~ g*ind60\ndem65 ~ h*ind60 + i*dem60\nind := g*i",
  chain = "info =~ inf1 + inf2 + inf3\ntrust =~ tru1 + tru2 + tru3\nresults =~ res1 + res2 + res3\ntrust ~ p*info\nresults ~ q*trust + r*info",
  chain_less = "info =~ inf1 + inf2 + inf3\ntrust =~ tru1 + tru2 + tru3\nresults =~ res1 + res2 + res3\ntrust ~ info\nresults ~ trust",
  chain_equal = "info =~ inf1 + k*inf2 + k*inf3\ntrust =~ tru1 + k*tru2 + k*tru3\nresults =~ res1 + res2 + res3\ntrust ~ info\nresults ~ trust")
# As near the optimum as nlminb will go; where it then gives up, at its own stop.
fit_of <- function(model, data, a) {
  one <- function(...) quiet(do.call("sem", c(list(models[[model]], data = read_data(data)), a, list(...))))
  fit <- one(control = list(rel.tol = 1e-12)); if (lavInspect(fit, "converged")) fit else one() }
case <- function(model, data, ...) list(model = model, data = data, args = list(...))
H <- "holzinger_swineford"; G <- "holzinger_holes"; P <- "political_democracy"; S <- "synthetic_complete"; M <- "synthetic_missing"

mi <- list(
  hs = case("hs", H), hs_std_lv = case("hs", H, std.lv = TRUE), hs_orthogonal = case("hs", H, orthogonal = TRUE),
  hs_meanstructure = case("hs", H, meanstructure = TRUE), hs_mlr = case("hs", H, estimator = "MLR"), hs_observed = case("hs", H, information = "observed"),
  hs_fiml = case("hs", G, missing = "ml"), hs_fiml_mlr = case("hs", G, missing = "ml", estimator = "MLR"),
  second = case("hs_second", H), second_random_x = case("hs_second", H, fixed.x = FALSE), second_fiml = case("hs_second", G, missing = "ml"),
  paths = case("hs_paths", H), paths_random_x = case("hs_paths", H, fixed.x = FALSE), paths_means = case("hs_paths", H, meanstructure = TRUE),
  covariates = case("hs_covariates", H), covariates_random_x = case("hs_covariates", H, fixed.x = FALSE), covariates_means = case("hs_covariates", H, meanstructure = TRUE),
  fixed = case("hs_fixed", H), means = case("hs_means", H), regressions = case("hs_regressions", H), equal = case("hs_equal", H),
  pd = case("pd", P), pd_means = case("pd", P, meanstructure = TRUE), pd_equal = case("pd_equal", P), clusters = case("chain", S, cluster = "unit", estimator = "MLR"),
  groups = case("hs", H, group = "school"), groups_metric = case("hs", H, group = "school", group.equal = "loadings"),
  groups_scalar = case("hs", H, group = "school", group.equal = c("loadings", "intercepts")), groups_fiml = case("hs", G, group = "school", missing = "ml", group.equal = "loadings"),
  groups_paths = case("hs_paths", H, group = "school"))
mi <- lapply(mi, function(m) { t <- quiet(modindices(fit_of(m$model, m$data, m$args), power = FALSE)); p <- quiet(modindices(fit_of(m$model, m$data, m$args), power = TRUE)); t$ncp <- p$ncp; t$power <- p$power; t$decision <- p$decision; t$block <- t$level <- NULL; c(m, list(table = plain(t))) })

score <- list(pd_equal = case("pd_equal", P), hs_three = case("hs_three", H), hs_equal_fiml = case("hs_equal", G, missing = "ml"), hs_equal_mlr = case("hs_equal", H, estimator = "MLR"),
  stated = case("hs_stated", H), groups_metric = case("hs", H, group = "school", group.equal = "loadings"), groups_scalar = case("hs", H, group = "school", group.equal = c("loadings", "intercepts")),
  groups_effect_coded = case("hs", H, group = "school", group.equal = "loadings", effect.coding = "loadings"))
score <- lapply(score, function(m) { s <- quiet(lavTestScore(fit_of(m$model, m$data, m$args), epc = TRUE)); c(m, list(test = plain(s$test), uni = plain(s$uni), epc = plain(s$epc[s$epc$free > 0, intersect(c("lhs", "op", "rhs", "group", "est", "epc"), names(s$epc))]))) })

wald <- list(equal = c(case("pd_labels", P), list(constraints = "a == d\nb == e\nc == f")), nonlinear = c(case("pd_labels", P), list(constraints = "a*g == h\ni == 1")),
  robust = c(case("pd_labels", P, estimator = "MLR"), list(constraints = "a == d\nb == e")), defined = c(case("pd_labels", P), list(constraints = "ind == 1")),
  clusters = c(case("chain", S, estimator = "MLR", cluster = "unit"), list(constraints = "p == q\nr == 0")), fiml = c(case("chain", M, missing = "ml"), list(constraints = "p*q == 0\nr == 0")))
wald <- lapply(wald, function(m) { w <- lavTestWald(fit_of(m$model, m$data, m$args), m$constraints); c(m, list(stat = w$stat, df = w$df, p = w$p.value)) })

ladder <- c("hs", "hs_equal", "hs_equal_less"); chain <- c("chain", "chain_less", "chain_equal"); covered <- c("hs_covariates", "hs_covariates_less")
lrt <- list(ml = c(case(ladder, H)), mlr = case(ladder, H, estimator = "MLR"), mlr_fiml = case(ladder, G, estimator = "MLR", missing = "ml"), fiml = case(ladder, G, missing = "ml"), mlm = case(ladder, H, estimator = "MLM"),
  mlmv = case(ladder, H, estimator = "MLMV"), mlmvs = case(ladder, H, estimator = "MLMVS"), clusters = case(chain, S, estimator = "MLR", cluster = "unit"), clusters_fiml = case(chain, M, estimator = "MLR", cluster = "unit", missing = "ml"),
  mlr_fixed_x = case(covered, H, estimator = "MLR"), mlm_fixed_x = case(covered, H, estimator = "MLM"), mlm_fixed_x_groups = case(covered, H, estimator = "MLM", group = "school"))
tests <- list(default = list(), satorra_bentler_2001 = list(method = "satorra.bentler.2001"), satorra_bentler_2010 = list(method = "satorra.bentler.2010"),
  satorra_2000_delta_shifted = list(method = "satorra.2000"), satorra_2000_delta = list(method = "satorra.2000", scaled.shifted = FALSE),
  satorra_2000_exact_shifted = list(method = "satorra.2000", A.method = "exact"), satorra_2000_exact = list(method = "satorra.2000", A.method = "exact", scaled.shifted = FALSE))
run_tests <- function(fits, robust) lapply(if (robust) tests else tests[1], function(t) { r <- quiet(tryCatch(do.call("lavTestLRT", c(unname(fits), t, list(model.names = names(fits)))), error = function(e) conditionMessage(e))); if (is.character(r)) list(error = r) else list(model = rownames(r), df = r$Df, chisq = r[["Chisq diff"]], df_diff = r[["Df diff"]], pvalue = r[["Pr(>Chisq)"]], method = gsub("\\s+", " ", paste(attr(r, "heading"), collapse = ""))) })
lrt <- lapply(lrt, function(m) { fits <- lapply(m$model, fit_of, m$data, m$args); names(fits) <- m$model; c(m, list(tests = run_tests(fits, !is.null(m$args$estimator)))) })
steps <- list(configural = character(0), metric = "loadings", scalar = c("loadings", "intercepts"), strict = c("loadings", "intercepts", "residuals"))
groups <- lapply(list(ml = list(), mlr = list(estimator = "MLR"), mlm = list(estimator = "MLM"), mlr_fiml = list(estimator = "MLR", missing = "ml")), function(a) {
  data <- if (is.null(a$missing)) H else G
  fits <- lapply(steps, function(s) fit_of("hs", data, c(a, list(group = "school"), if (length(s)) list(group.equal = s))))
  list(model = "hs", data = data, args = a, steps = lapply(steps, I), tests = run_tests(fits, length(a) > 0)) })
# lavaan carries estimates over by name for two of the methods, so the larger model must have the smaller one's parameters: metric
# invariance with free latent means and the markers' intercepts equal is the same model in that form.
matched <- lapply(list(mlr = list(estimator = "MLR"), mlr_fiml = list(estimator = "MLR", missing = "ml")), function(a) {
  data <- if (is.null(a$missing)) H else G; partial <- paste0("x", c(2, 3, 5, 6, 8, 9), "~1")
  fits <- list(metric = fit_of("hs", data, c(a, list(group = "school", group.equal = steps$scalar, group.partial = partial))), scalar = fit_of("hs", data, c(a, list(group = "school", group.equal = steps$scalar))))
  list(model = "hs", data = data, args = a, partial = I(partial), tests = run_tests(fits, TRUE)) })
write_json(list(lavaan = as.character(packageVersion("lavaan")), session = capture.output(print(sessionInfo(), locale = FALSE))[1:3], models = models, mi = mi, score = score, wald = wald, lrt = lrt, ladder = groups, matched = matched),
  file.path(out_folder, "posthoc.json"), digits = I(10), auto_unbox = TRUE, na = "null", null = "null", dataframe = "columns")
