# Writes goldens/instrument_waves.json: Rscript make_instrument_waves.R <output folder>
# Two waves linked by the items a, c and e (lavaan: equal loadings and intercepts, b and d free, MLR, full information), and
# the observed change of means by linearisation within people, units, and with weights (survey). Needs lavaan, survey, jsonlite.
suppressPackageStartupMessages({library(lavaan); library(survey); library(jsonlite)})
out <- commandArgs(trailingOnly = TRUE)[1]
data <- read.csv("data/instrument_waves.csv")
model <- "f =~ a + b + c + d + e"
free <- c("f=~b", "f=~d", "b~1", "d~1")
linked <- function(equal, partial = "", ...) cfa(model, data, group = "wave", group.label = c("old", "new"), group.equal = equal,
  group.partial = partial, estimator = "MLR", missing = "ml", std.lv = TRUE, ...)
told <- function(fit) {
  p <- parameterEstimates(fit); mean <- p[p$lhs == "f" & p$op == "~1" & p$group == 2, ]
  item <- function(k) {q <- p[p$lhs == k & p$op == "~1", ]; v <- vcov(fit); n <- names(coef(fit)); at <- c(which(n == paste0(k, "~1")), which(n == paste0(k, "~1.g2")))
    list(shift = q$est[2] - q$est[1], se = sqrt(v[at[1], at[1]] + v[at[2], at[2]] - 2 * v[at[1], at[2]]))}
  list(mean = mean$est, se = mean$se, chisq = unname(fitMeasures(fit, "chisq.scaled")), df = unname(fitMeasures(fit, "df")), b = item("b"))
}
configural <- linked("")
metric <- linked("loadings", c("f=~b", "f=~d")); scalar <- linked(c("loadings", "intercepts"), free)
test <- function(a, b) {d <- lavTestLRT(a, b, method = "satorra.bentler.2001"); list(chisq = d[2, "Chisq diff"], df = d[2, "Df diff"])}
made <- list(scalar = told(scalar), metric_test = test(configural, metric), scalar_test = test(metric, scalar),
  configural = list(chisq = unname(fitMeasures(configural, "chisq.scaled")), df = unname(fitMeasures(configural, "df"))))
data$new <- as.numeric(data$wave == "new")
observed <- function(design, k) {m <- svyglm(as.formula(paste(k, "~ new")), design); list(change = unname(coef(m)[2]), se = unname(sqrt(vcov(m)[2, 2])))}
observe <- function(ids, weights) lapply(setNames(nm = c("a", "c", "e")), function(k) {
  own <- data[!is.na(data[[k]]), ]; observed(svydesign(ids, data = own, weights = weights), k)})
data$one <- 1
made$rows <- observe(~1, ~one); made$person <- observe(~person, ~one); made$unit <- observe(~unit, ~one); made$weighted <- observe(~unit, ~weight)
made$versions <- sapply(c("lavaan", "survey"), function(k) as.character(packageVersion(k)))
made$session <- capture.output(print(sessionInfo(), locale = FALSE))[1:3]
write_json(made, file.path(out, "instrument_waves.json"), digits = I(12), auto_unbox = TRUE, na = "null")
