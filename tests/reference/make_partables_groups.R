# Writes goldens/partables_groups.json: lavaan's parameter table and degrees of freedom for models
# of several groups, growth models, bare models, constraints, effect coding and bounds.
# Run from this folder:  Rscript make_partables_groups.R
# Needs the R packages lavaan and jsonlite; the tests read only the committed JSON.
suppressMessages(library(lavaan))
library(jsonlite)

data <- HolzingerSwineford1939
names(data)[names(data) == "ageyr"] <- "age"
data$girl <- data$sex
data$three <- c("c", "a", "b")[1 + seq_len(nrow(data)) %% 3]

f <- "f =~ x1 + x2 + x3"
f4 <- "f =~ x1 + x2 + x3 + x4"
fg <- "f =~ x1 + x2 + x3\ng =~ x4 + x5 + x6"
three <- "f =~ x1 + x2 + x3\ng =~ x4 + x5 + x6\nh =~ x7 + x8 + x9"
second <- paste0(three, "\nq =~ f + g + h")
full <- "f =~ x1 + x2 + x3\ng =~ x4 + x5 + x6\ng ~ f + age\nx1 ~~ x4\nx9 ~ g\nx8 ~ f + girl"
mixed <- "f =~ x1 + x2 + x3\nx9 ~~ f\nx8 ~~ x1\nx7 ~ age\nx7 ~~ x8"
path <- "x9 ~ age + x1\nx1 ~ age\nx9 ~~ x9"
line <- "i =~ 1*x1 + 1*x2 + 1*x3 + 1*x4\ns =~ 0*x1 + 1*x2 + 2*x3 + 3*x4"
kinds <- c("loadings", "intercepts", "means", "residuals", "residual.covariances",
           "lv.variances", "lv.covariances", "regressions")
bare <- "f =~ 1*x1 + x2 + x3 + x4\nx1 ~~ x1\nx2 ~~ x2\nx3 ~~ x3\nx4 ~~ x4\nf ~~ f"

cases <- list()
add <- function(name, model, ..., groups = 2, type = "sem") {
  cases[[name]] <<- list(model = model, groups = groups, type = type, args = list(...))
}
for (kind in kinds) add(paste0("full_", kind), full, group.equal = kind)
for (kind in kinds) add(paste0("mixed_", kind), mixed, group.equal = kind)
for (kind in kinds[c(1, 2, 4)]) add(paste0("three_", kind), three, group.equal = kind, groups = 3)
add("configural", three)
add("configural3", three, groups = 3)
add("no_means", fg, meanstructure = FALSE)
add("no_means_loadings", fg, meanstructure = FALSE, group.equal = "loadings")
add("no_means_but_intercepts", fg, meanstructure = FALSE, group.equal = c("loadings", "intercepts"))
add("no_means_but_means", fg, meanstructure = FALSE, group.equal = c("loadings", "means"))
add("scalar", three, group.equal = c("loadings", "intercepts"))
add("scalar3", three, group.equal = c("loadings", "intercepts"), groups = 3)
add("scalar_means", three, group.equal = c("loadings", "intercepts", "means"))
add("strict", three, group.equal = c("loadings", "intercepts", "residuals"))
add("all_kinds", full, group.equal = kinds)
add("all_kinds3", full, group.equal = kinds, groups = 3)
add("structure", full, group.equal = c("loadings", "lv.variances", "lv.covariances", "regressions"))
add("std_lv", three, std.lv = TRUE)
add("std_lv_loadings", three, std.lv = TRUE, group.equal = "loadings")
add("std_lv_scalar", three, std.lv = TRUE, group.equal = c("loadings", "intercepts"), groups = 3)
add("std_lv_scalar_means", three, std.lv = TRUE, group.equal = c("loadings", "intercepts", "means"))
add("std_lv_variances", three, std.lv = TRUE, group.equal = c("loadings", "lv.variances"))
add("std_lv_intercepts", three, std.lv = TRUE, group.equal = "intercepts")
add("std_lv_partial", f4, std.lv = TRUE, group.equal = "loadings", group.partial = "f=~x1")
add("std_lv_own_variance", paste0(f4, "\nf ~~ 1*f"), std.lv = TRUE, group.equal = "loadings")
add("own_variance", "f =~ NA*x1 + x2 + x3 + x4\nf ~~ 1*f", group.equal = "loadings")
add("own_variance_c", "f =~ NA*x1 + x2 + x3 + x4\nf ~~ c(1, NA)*f", group.equal = "loadings")
add("orthogonal", three, orthogonal = TRUE, group.equal = c("loadings", "lv.covariances"))
add("random_x", "f =~ x1 + x2 + x3\nf ~ age", fixed.x = FALSE,
    group.equal = c("loadings", "intercepts", "regressions", "residuals", "lv.variances"))
add("fixed_x", "f =~ x1 + x2 + x3\nf ~ age + girl", group.equal = c("loadings", "intercepts", "residuals"))
add("second_order", second, group.equal = c("loadings", "intercepts", "lv.variances", "residuals"))
add("second_order_std_lv", second, std.lv = TRUE, group.equal = c("loadings", "intercepts"))
add("single", "f =~ x1\ng =~ x2 + x3 + x4\nf ~ g",
    group.equal = c("loadings", "intercepts", "residuals", "lv.variances"))
add("partial", f4, group.equal = c("loadings", "intercepts"), group.partial = c("f=~x3", "x2~1"))
add("partial_spaces", f4, group.equal = c("loadings", "intercepts"),
    group.partial = c("f =~ x3", " x2 ~ 1"))
add("partial_variances", fg, group.equal = c("lv.covariances", "lv.variances", "residuals"),
    group.partial = c("f~~g", "x1~~x1", "f~~f"))
add("partial_means", paste0(fg, "\nf + g ~ NA*1"), group.equal = "means", group.partial = "g~1")
add("partial3", f4, group.equal = c("loadings", "intercepts"), group.partial = "f=~x3", groups = 3)
add("path_equal", path, group.equal = c("regressions", "intercepts", "residuals", "means"))
add("mediation", "x2 ~ c(a1, a2)*x1\nx3 ~ c(b1, b2)*x2 + c(c1, c2)*x1\nind1 := a1*b1\nind2 := a2*b2\ndiff := ind1 - ind2")
add("mediation_equal", "x2 ~ a*x1\nx3 ~ b*x2 + c(c1, c2)*x1\nind := a*b\ntot1 := ind + c1")
add("mediation_constraint", "x2 ~ c(a1, a2)*x1\nx3 ~ c(b1, b2)*x2\nx4 ~ x3\na1*b1 == a2*b2")
add("labels", "f =~ x1 + c(a, b)*x2 + x3 + c(u, u)*x4 + c('k', '')*x5", group.equal = "loadings")
add("labels3", "f =~ x1 + c(a, b, a)*x2 + c('a', '', '')*x3 + c('', 'd', 'd')*x4",
    group.equal = "loadings", groups = 3)
add("labels3_free", "f =~ x1 + c('a', '', 'b')*x2 + c('', 'c', 'c')*x3 + x4", groups = 3)
add("label_all", "f =~ x1 + a*x2 + x3 + x4")
add("label_all_loadings", "f =~ x1 + a*x2 + x3 + x4", group.equal = "loadings")
add("label_fixed", "f =~ x1 + c(a, a)*x2 + c(.5, NA)*x2 + x3")
add("label_value", "f =~ x1 + c(a, b)*x2 + 0.5*x2 + k*x3 + c(.4, NA)*x3 + x4")
add("values", "f =~ x1 + c(1/2, -1)*x2 + c(1, 1)*x3 + x4")
add("first_free", "f =~ c(NA, 1)*x1 + x2 + x3 + x4\nf ~~ c(1, NA)*f")
add("first_free_both", "f =~ c(NA, NA)*x1 + c(a, a)*x1 + x2 + x3\nf ~~ c(1, NA)*f")
add("first_half", "f =~ c(1, NA)*x1 + x2 + x3 + x4", group.equal = "loadings")
add("fixed_in_one", "f =~ x1 + c(NA, .5)*x2 + c(.5, NA)*x3 + x4", group.equal = "loadings")
add("fixed_in_one3", "f =~ x1 + c(NA, 1, NA)*x2 + x3 + x4", group.equal = "loadings", groups = 3)
add("fixed_second", "f =~ x1 + 0.5*x2 + x3 + x4", group.equal = "loadings")
add("label_na_mixed", "f =~ x1 + c('a', NA)*x2 + x3 + x4")
add("start", "f =~ x1 + start(c(.5, .6))*x2 + start(.3)*x3 + x4")
add("start3", "f =~ x1 + start(c(.1, NA, .3))*x2 + x3 + x4", groups = 3)
add("start_first", "f =~ start(c(.8, .9))*x1 + x2 + x3 + x4")
add("bounds_user", "f =~ x1 + lower(c(0, 1))*x2 + upper(3)*x3\nx1 ~~ lower(0)*x1 + upper(c(3, 4))*x1")
add("mean_given", paste0(f4, "\nf ~ 0*1"), group.equal = c("loadings", "intercepts"))
add("mean_given_c", paste0(f4, "\nf ~ c(0, NA)*1"), group.equal = c("loadings", "intercepts"))
add("mean_free", paste0(f4, "\nf ~ 1"), group.equal = c("loadings", "intercepts"))
add("mean_start", paste0(f4, "\nf ~ start(0.1)*1\nx1 ~ 0*1"), group.equal = "intercepts")
add("intercept_given", paste0(f4, "\nx1 ~ 0*1"), group.equal = c("loadings", "intercepts"))
add("equal", "f =~ x1 + x2 + equal('f=~x2')*x3 + x4")
add("equal_c", "f =~ x1 + x2 + equal(c('f=~x2', 'f=~x2.g2'))*x3 + x4")
add("equal_later", "f =~ x1 + equal('f=~x3')*x2 + x3 + x4", groups = 1)
add("equal_auto", "f =~ x1 + x2 + x3 + x4\nx1 ~~ equal('x2~~x2')*x1", groups = 1)
add("equal_first", "f =~ x1 + x2 + equal('f=~x1')*x3 + x4", groups = 1)
add("equal_label", "f =~ x1 + b*x2 + equal('b')*x3 + x4", groups = 1)
add("blocks", "group: 1\nf =~ x1 + x2 + x3 + x4\ngroup: 2\nf =~ x1 + NA*x2 + x3 + x4\nx1 ~~ x2")
add("blocks_order", "group: 1\nf =~ x1 + x2 + x3 + x4\ngroup: 2\nf =~ x4 + x3 + x2 + x1")
add("blocks_order_equal", "group: 1\nf =~ x1 + x2 + x3 + x4\ngroup: 2\nf =~ x4 + x3 + x2 + x1",
    group.equal = c("loadings", "intercepts"))
add("blocks_label", "group: 1\nf =~ x1 + a*x2 + x3 + x4\ngroup: 2\nf =~ x1 + a*x2 + x3 + x4\nb := a*2\na == 0.5",
    group.equal = "loadings")
add("blocks_factors", "group: 1\nf =~ x1 + x2 + x3 + x4\ngroup: 2\nf =~ x1 + x2\ng =~ x3 + x4")
add("blocks_mean", "group: 1\nf =~ x1 + x2 + x3 + x4\nx1 ~ 0*1\ngroup: 2\nf =~ x1 + x2 + x3 + x4")
add("constraints", "f =~ x1 + c(a, b)*x2 + a2*x3 + x4\nab := a + b\na == 2*b\na2 > 0.1; 0 == a - b")
add("constraint_defined", "f =~ x1 + a*x2 + b*x3 + x4\nd := a + b\nd == 1\na*b > 0; a^2 == exp(b) - 1", groups = 1)
add("constraint_fixed", "f =~ x1 + a*x2 + b*x3 + x4\na == 1", groups = 1)
add("constraint_dependent", "f =~ x1 + a*x2 + b*x3 + x4\na == b; b == a; 2*a == 2*b", groups = 1)
add("constraint_of_equals", "f =~ x1 + a*x2 + a*x3 + b*x4\na == b", groups = 1)
add("constraint_bounds", "f =~ x1 + a*x2 + b*x3 + x4\na > 0.1\nb < 3\n2 > a\n0 < a + b", groups = 1)
add("constraint_before", "d := a + b\nd == 1\nf =~ x1 + a*x2 + b*x3 + x4", groups = 1)
add("constraint_groups", "f =~ x1 + c(a1, a2)*x2 + c(b1, b2)*x3 + x4\na1*b1 == a2*b2\na1 + a2 == 2")
add("growth", line, type = "growth", groups = 1)
add("growth_covariate", paste0(line, "\ni + s ~ age"), type = "growth", groups = 1)
add("growth_outcome", paste0(line, "\ni ~ age\nx9 ~ i + s"), type = "growth", groups = 1)
add("growth_scaled", "i =~ x1 + x2 + x3", type = "growth", groups = 1)
add("growth_std_lv", "i =~ x1 + x2 + x3", type = "growth", groups = 1, std.lv = TRUE)
add("growth_random_x", paste0(line, "\ni + s ~ age"), type = "growth", groups = 1, fixed.x = FALSE)
add("growth_groups", line, type = "growth")
add("growth_means", line, type = "growth", group.equal = "means")
add("growth_means_variances", line, type = "growth", group.equal = c("means", "lv.variances", "lv.covariances", "residuals"))
add("growth_intercepts", line, type = "growth", group.equal = "intercepts")
add("growth_partial", line, type = "growth", group.equal = "means", group.partial = "s~1", groups = 3)
add("growth_regressions", paste0(line, "\ni + s ~ age"), type = "growth",
    group.equal = c("lv.variances", "lv.covariances", "residuals", "regressions"))
add("bare", bare, type = "lavaan", groups = 1)
add("bare_means", paste0(bare, "\nx9 ~ age"), type = "lavaan", groups = 1, meanstructure = TRUE)
add("bare_std_lv", "f =~ x1 + x2 + x3\nx1 ~~ x1\nx2 ~~ x2\nx3 ~~ x3", type = "lavaan", groups = 1, std.lv = TRUE)
add("bare_orthogonal", paste0(bare, "\ng =~ 1*x5 + x6 + x7\ng ~~ g\nx5 ~~ x5\nx6 ~~ x6\nx7 ~~ x7\nf ~~ g"),
    type = "lavaan", groups = 1, orthogonal = TRUE)
add("bare_single", paste0(bare, "\ng =~ 1*x5\nx5 ~~ x5"), type = "lavaan", groups = 1)
add("bare_groups", bare, type = "lavaan")
add("bare_equal", paste0(bare, "\nx1 + x2 + x3 + x4 ~ 1"), type = "lavaan", group.equal = c("loadings", "intercepts"))
add("coding", three, groups = 1, effect.coding = TRUE)
add("coding_means", three, groups = 1, effect.coding = TRUE, meanstructure = TRUE)
add("coding_loadings", three, groups = 1, effect.coding = "loadings", meanstructure = TRUE)
add("coding_intercepts", three, groups = 1, effect.coding = "intercepts", meanstructure = TRUE)
add("coding_cross", "f =~ x1 + x2 + x3 + x4\ng =~ x4 + x5 + x6 + 0.5*x7", groups = 1, effect.coding = TRUE, meanstructure = TRUE)
add("coding_fixed", "f =~ x1 + 1*x2 + x3 + x4\nx1 ~ 0*1", groups = 1, effect.coding = TRUE, meanstructure = TRUE)
add("coding_regression", "f =~ x1 + x2 + x3\ng =~ x4 + x5 + x6\ng ~ f + age\nx9 ~ g", groups = 1, effect.coding = TRUE, meanstructure = TRUE)
add("coding_second", second, groups = 1, effect.coding = TRUE, meanstructure = TRUE)
add("coding_labels", "f =~ a*x1 + a*x2 + x3 + x4", groups = 1, effect.coding = TRUE, meanstructure = TRUE)
add("coding_few", "f =~ x1 + x2\ng =~ x3 + x4 + x5\nk =~ x9", groups = 1, effect.coding = TRUE, meanstructure = TRUE)
add("coding_mean_given", "f =~ x1 + x2 + x3\nf ~ 0*1", groups = 1, effect.coding = TRUE)
add("coding_groups", fg, effect.coding = TRUE)
add("coding_metric", fg, effect.coding = TRUE, group.equal = "loadings")
add("coding_scalar", fg, effect.coding = TRUE, group.equal = c("loadings", "intercepts"))
add("coding_scalar3", fg, effect.coding = TRUE, group.equal = c("loadings", "intercepts"), groups = 3)
add("coding_partial", f4, effect.coding = TRUE, group.equal = c("loadings", "intercepts"), group.partial = c("f=~x2", "x2~1"))
add("coding_loadings_scalar", fg, effect.coding = "loadings", group.equal = c("loadings", "intercepts"))
for (kind in c("standard", "wide", "pos.var", "pos.ov.var", "pos.lv.var")) {
  add(paste0("bounds_", kind), full, groups = 1, bounds = kind)
  add(paste0("bounds_groups_", kind), fg, bounds = kind, group.equal = "loadings")
  add(paste0("bounds_second_", kind), second, groups = 1, bounds = kind)
  add(paste0("bounds_std_lv_", kind), paste0(fg, "\nx1 ~~ x4"), groups = 1, bounds = kind, std.lv = TRUE)
  add(paste0("bounds_std_lv_groups_", kind), fg, bounds = kind, std.lv = TRUE, group.equal = "loadings")
  add(paste0("bounds_growth_", kind), line, groups = 1, bounds = kind, type = "growth")
  add(paste0("bounds_text_", kind), "f =~ x1 + lower(0.1)*x2 + x3 + x4\nx1 ~~ lower(0.2)*x1 + upper(0.9)*x1 + x2", groups = 1, bounds = kind)
  add(paste0("bounds_markers_", kind), "f =~ NA*x1 + 1*x2 + x3\ng =~ NA*x4 + x5 + x6\ng ~~ 1*g\nh =~ 1*x7 + 1*x8 + x9", groups = 1, bounds = kind)
  add(paste0("bounds_path_", kind), "x9 ~ age + x1\nx1 ~ age\nx8 ~ x1", groups = 1, bounds = kind, fixed.x = FALSE)
  add(paste0("bounds_mixed_", kind), mixed, groups = 1, bounds = kind)
}

group <- function(n) switch(n, NULL, "school", "three")
one <- function(case) {
  args <- c(list(case$model, data = data, se = "none", baseline = FALSE, h1 = TRUE,
                 optim.force.converged = TRUE, control = list(iter.max = 2)), case$args)
  args$group <- group(case$groups)
  call <- as.call(c(as.name(switch(case$type, sem = "sem", growth = "growth", lavaan = "lavaan")), args))
  free <- suppressWarnings(eval(as.call(c(as.list(call), do.fit = FALSE))))
  df <- tryCatch(suppressWarnings(as.numeric(eval(call)@test[[1]]$df)), error = function(e) NA)
  table <- as.data.frame(parTable(free))
  rows <- table[!table$op %in% c("==", "<", ">"), ]
  same <- table[table$op == "==" & table$user == 2 & table$rhs %in% table$plabel, c("lhs", "rhs")]
  con <- table[table$op %in% c("==", "<", ">") &
                 !(table$user == 2 & table$rhs %in% table$plabel), c("lhs", "op", "rhs")]
  infinite <- function(x) ifelse(is.infinite(x), NA, x)
  list(
    model = case$model, groups = case$groups, type = case$type, args = case$args,
    group_labels = I(if (case$groups > 1) lavInspect(free, "group.label") else character()),
    lhs = rows$lhs, op = rows$op, rhs = rows$rhs, user = rows$user, group = rows$group,
    free = rows$free, ustart = rows$ustart, exo = rows$exo, label = rows$label,
    plabel = rows$plabel,
    lower = if (is.null(rows$lower)) NULL else infinite(rows$lower),
    upper = if (is.null(rows$upper)) NULL else infinite(rows$upper),
    same = lapply(seq_len(nrow(same)), function(k) c(same$lhs[k], same$rhs[k])),
    constraints = lapply(seq_len(nrow(con)), function(k) c(con$lhs[k], con$op[k], con$rhs[k])),
    coef = I(names(coef(free))), df = df
  )
}

out <- list()
for (name in names(cases)) out[[name]] <- tryCatch(one(cases[[name]]), error = function(e) {
  message(name, ": ", conditionMessage(e)); NULL })
used <- c(paste0("x", 1:9), "age", "girl")
variances <- function(x) { x <- data[x, used]; as.list(colMeans(x^2) - colMeans(x)^2) }
samples <- list(one = list(variances(TRUE)),
                two = lapply(unique(data$school), function(s) variances(data$school == s)))
json <- list(lavaan = as.character(packageVersion("lavaan")), R = R.version.string,
             session = capture.output(sessionInfo())[1:3], samples = samples, cases = out)
writeLines(toJSON(json, auto_unbox = TRUE, na = "null", digits = NA), "goldens/partables_groups.json")
