# Writes partables.json: lavaan's parameter table for many small models.
# Run from this folder:  Rscript make_partables.R
# Needs the R packages lavaan and jsonlite; the tests read only the committed JSON.
suppressMessages(library(lavaan))
library(jsonlite)

models <- list(
  cfa = "visual =~ x1 + x2 + x3\ntextual =~ x4 + x5 + x6\nspeed =~ x7 + x8 + x9",
  sem = paste(
    "ind60 =~ x1 + x2 + x3\ndem60 =~ y1 + y2 + y3 + y4\ndem65 =~ y5 + y6 + y7 + y8",
    "dem60 ~ ind60\ndem65 ~ ind60 + dem60",
    "y1 ~~ y5\ny2 ~~ y4 + y6\ny3 ~~ y7\ny4 ~~ y8\ny6 ~~ y8", sep = "\n"),
  outcomes = "f =~ x1 + x2 + x3\ng =~ y1 + y2 + y3\nh =~ z1 + z2 + z3\ng + h ~ f\nw ~ f",
  chain = "a =~ x1 + x2 + x3\nb =~ y1 + y2 + y3\nc =~ z1 + z2 + z3\nb ~ a\nc ~ b\nu ~ c\nv ~ b",
  path = "m ~ a*x\ny ~ b*m + c*x\nind := a*b\ntot := ind + c",
  path_two_outcomes = "y1 ~ x1 + x2\ny2 ~ x1 + x3\nx1 ~~ x2",
  covariates = "f =~ y1 + y2 + y3\nf ~ age + sex\ny1 ~ sex",
  covariate_variance = "f =~ y1 + y2 + y3\nf ~ age + sex\nage ~~ age",
  covariate_mean = "f =~ y1 + y2 + y3\nf ~ age + sex\nage ~ 1",
  covariate_covariance = "f =~ y1 + y2 + y3\nf ~ age + sex + edu\nage ~~ sex",
  covariate_latent_covariance = "f =~ y1 + y2 + y3\ng =~ z1 + z2 + z3\ng ~ f + age\nf ~~ age",
  lone_covariance = "f =~ y1 + y2 + y3\nu ~~ v",
  lone_variance = "f =~ y1 + y2 + y3\nu ~~ u",
  indicator_covariate = "f =~ y1 + y2 + y3\nf ~ u\nu ~~ y1",
  second_order = paste("m =~ a1 + a2 + a3\ns =~ a4 + a5 + a6\nd =~ a7 + a8 + a9",
    "autonomy =~ m + s + d\nresults =~ r1 + r2 + r3\nresults ~ autonomy", sep = "\n"),
  second_order_first = "autonomy =~ m + s + d\nm =~ a1 + a2\ns =~ a4 + a5\nd =~ a7 + a8\ny ~ m",
  single = "f =~ y1\ng =~ x1 + x2 + x3\nf ~ g",
  single_variance = "f =~ y1\ng =~ x1 + x2 + x3\nf ~ g\ny1 ~~ 0.3*y1",
  single_free = "f =~ 1*y1\ng =~ x1 + x2 + x3\ny1 ~~ y1\nf ~~ g",
  single_shared = "f =~ y1\ng =~ y1 + x2 + x3",
  modifiers = paste("f =~ NA*x1 + l2*x2 + start(0.8)*x3 + l2*x4\ng =~ 1*z1 + 0.5*z2 + z3",
    "f ~~ 1*f\nf ~~ 0*g\nz1 ~~ start(0.3)*z1", sep = "\n"),
  label_first = "f =~ a*x1 + b*x2 + c*x3",
  label_first_twice = "f =~ a*x1 + a*x2 + a*x3",
  start_first = "f =~ start(0.7)*x1 + x2 + x3",
  na_label_first = "f =~ NA*x1 + a*x1 + b*x2 + c*x3\nf ~~ 1*f",
  fixed_second = "f =~ x1 + 1*x2 + x3",
  fixed_variance = "f =~ x1 + x2 + x3\nf ~~ 1*f",
  label_and_start = "f =~ x1 + a*x2 + start(.5)*x2 + x3\ny ~ b*f + start(0.2)*f",
  label_and_fixed = "f =~ x1 + a*x2 + 0.5*x2 + x3",
  intercepts = "f =~ x1 + x2 + x3\nx1 ~ 1\nx2 ~ 0*1\nf ~ m*1",
  intercept_regression = "y ~ 1 + x + z\nm ~ x",
  latent_mean_covariate = "f =~ x1 + x2 + x3\ng =~ y1 + y2 + y3\ng ~ 1 + f + age",
  latent_predicts_item = "f =~ x1 + x2 + x3\ng =~ y1 + y2 + y3\ny1 ~ f\nx1 ~~ y1",
  indicator_predicts = "f =~ x1 + x2 + x3\ny ~ x1\nz ~ x1 + f",
  cross_loading = "f =~ x1 + x2 + x3 + x4\ng =~ x4 + x5 + x6 + x1",
  residual_covariance_fixed = "f =~ x1 + x2 + x3\ny ~ f\nz ~ f\ny ~~ 0*z",
  outcome_covariance_given = "f =~ x1 + x2 + x3\ng =~ z1 + z2 + z3\ny ~ f\ny ~~ g",
  loop = "y1 ~ x1 + y2\ny2 ~ x2 + y1",
  many_lhs = "f + g =~ x1 + x2 + x3\ny1 + y2 ~ f\nx1 + x2 ~~ x3 + y1",
  equal_labels = "f =~ x1 + a*x2 + a*x3\nx1 ~~ v*x1\nx2 ~~ v*x2\nx3 ~~ v*x3\ny ~ p*f\nw ~ p*f\np2 := p^2 + exp(a)",
  order = "y ~ f\nf =~ x1 + x2 + x3\ny ~~ y\nx3 ~~ x1\nf ~~ f",
  regression_order = "c ~ b + a\nb ~ a\na =~ a1 + a2 + a3\nb =~ b1 + b2 + b3\nc =~ c1 + c2 + c3",
  two_exogenous = "f =~ x1 + x2 + x3\ng =~ y1 + y2 + y3\nh =~ z1 + z2 + z3\nh ~ f + g + s\nf ~~ 0*g",
  latent_observed_outcomes = "f =~ x1 + x2 + x3\ng =~ y1 + y2 + y3\ng ~ f\nu ~ f + s\nv ~ g + s",
  mimic_interplay = "f =~ x1 + x2 + x3\nf ~ s\ns ~ t",
  only_covariances = "a ~~ b + c\nb ~~ c",
  only_covariances_variances = "a ~~ a\nb ~~ b\na ~~ b",
  saturated_means = "a ~~ b\na ~ 1\nb ~ 1",
  reversed_covariance = "f =~ x1 + x2 + x3\ng =~ y1 + y2 + y3\ng ~~ f\ny1 ~~ x1",
  method_factor = "f =~ x1 + x2 + x3\ng =~ y1 + y2 + y3\nm =~ 1*x1 + 1*x2 + 1*y1 + 1*y2\nm ~~ 0*f + 0*g",
  phantom = "f =~ x1 + x2 + x3\np =~ 0*x1\np ~~ 1*p\nf ~ p",
  item_reg_on_item = "f =~ x1 + x2 + x3\nx2 ~ x1",
  latent_outcome_order = "h =~ z1 + z2 + z3\nf =~ x1 + x2 + x3\ng =~ y1 + y2 + y3\ng ~ f\nh ~ f",
  second_order_outcome = "m =~ a1 + a2\ns =~ a3 + a4\nd =~ a5 + a6\naut =~ m + s + d\naut ~ x\nm ~ x\ny ~ aut",
  fraction = "f =~ x1 + x2 + 0.5*x3\ny ~ -1*f\nz ~ 1e-3*f",
  second_order_single = "f =~ x1 + x2 + x3\ng =~ f",
  covariance_then_mean = "q ~ 1\nf =~ x1 + x2 + x3\nu ~~ f\nf ~ z + w\nw ~ v\nt ~ 1",
  zero_intercept = "y ~ 0 + x",
  label_fixed_elsewhere = "y ~ b*x + z\nw ~ b*x + 0.5*x",
  covariate_first = "f =~ x1 + x2 + x3\nage ~~ f + sex\nf ~ age",
  free_variance = "f =~ x1 + x2 + x3\nf ~~ NA*f",
  labelled_variance = "f =~ x1 + x2 + x3\nf ~~ a*f",
  started_variance = "f =~ x1 + x2 + x3\nf ~~ start(2)*f",
  defined_first = "b := a*2\ny ~ a*x\nc2 := b + 1",
  two_single = "f =~ x1\ng =~ y1\nh =~ z1 + z2 + z3\nh ~ f + g",
  regressed_single = "f =~ x1\nf ~ z\nx1 ~ w",
  shared_labels_factors = "f =~ a*x1 + b*x2 + c*x3\ng =~ a*y1 + b*y2 + c*y3",
  fixed_labels_random_x = "f =~ x1 + x2 + x3\nf ~ 0.5*s + t\nt ~~ 0.2*t",
  regressed_labels = "y ~ b1*x1 + b2*x2 + 0*x3\nb12 := b1 - b2"
)

settings <- list(
  default = list(),
  std_lv = list(std.lv = TRUE),
  orthogonal = list(orthogonal = TRUE),
  meanstructure = list(meanstructure = TRUE),
  random_x = list(fixed.x = FALSE),
  mean_random_x = list(meanstructure = TRUE, fixed.x = FALSE),
  std_lv_mean = list(std.lv = TRUE, meanstructure = TRUE)
)

defaults <- list(
  model.type = "sem", auto = TRUE, int.ov.free = TRUE, int.lv.free = FALSE, fixed.x = TRUE,
  auto.fix.first = TRUE, auto.fix.single = TRUE, auto.var = TRUE, auto.cov.lv.x = TRUE,
  auto.cov.y = TRUE, auto.th = TRUE, auto.delta = TRUE, meanstructure = FALSE, std.lv = FALSE,
  orthogonal = FALSE
)

one <- function(name, setting) {
  args <- modifyList(defaults, settings[[setting]])
  args$auto <- NULL
  if (isTRUE(args$std.lv)) args$auto.fix.first <- FALSE
  table <- suppressWarnings(do.call(lavaanify, c(list(model = models[[name]]), args)))
  list(
    model = name, text = models[[name]], settings = settings[[setting]],
    ov = I(lavNames(table, "ov")), ov_x = I(lavNames(table, "ov.x")), ov_y = I(lavNames(table, "ov.y")),
    ov_ind = I(lavNames(table, "ov.ind")), lv = I(lavNames(table, "lv")),
    lhs = table$lhs, op = table$op, rhs = table$rhs, user = table$user, free = table$free,
    ustart = table$ustart, exo = table$exo, label = table$label
  )
}

cases <- list()
for (name in names(models)) for (setting in names(settings)) {
  case <- tryCatch(one(name, setting), error = function(e) {
    message(name, " ", setting, ": ", conditionMessage(e)); NULL })
  if (!is.null(case)) cases[[paste(name, setting, sep = "/")]] <- case
}
out <- list(lavaan = as.character(packageVersion("lavaan")), R = R.version.string, cases = cases)
writeLines(toJSON(out, auto_unbox = TRUE, na = "null", digits = NA), "partables.json")
