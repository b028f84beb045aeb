# Writes goldens/invariance_ordinal.json: the steps of Wu & Estabrook (2016) by semTools and lavaan, with their difference tests,
# for items with four, three and two categories. Rscript make_invariance_ordinal.R <folder with invariance_items.csv> <output folder>
suppressPackageStartupMessages({library(lavaan); library(semTools); library(jsonlite)})
args <- commandArgs(trailingOnly = TRUE); four <- read.csv(file.path(args[1], "invariance_items.csv")); items <- paste0("u", 1:8)
three <- four; three[items] <- lapply(four[items], function(x) pmin(x, 3)); two <- four; two[items] <- lapply(four[items], function(x) as.integer(x > 2)); mixed <- four; mixed[c("u1", "u6")] <- three[c("u1", "u6")]
model <- "f =~ u1 + u2 + u3 + u4\nh =~ u5 + u6 + u7 + u8"
binary <- "h =~ u5 + u6 + u7 + u8" # with items of f that differ the units of two categories run to zero
steps <- list(configural = "", thresholds = "thresholds", loadings = c("thresholds", "loadings"), intercepts = c("thresholds", "loadings", "intercepts"), residuals = c("thresholds", "loadings", "intercepts", "residuals"))
ladder <- function(data, names, estimator = "WLSMV", text = model) {
  fits <- lapply(steps[names], function(e) suppressWarnings(measEq.syntax(text, data, ordered = TRUE, parameterization = "theta", ID.fac = "std.lv", ID.cat = "Wu.Estabrook.2016", group = "g", group.equal = e, estimator = estimator, return.fit = TRUE)))
  pick <- function(f) { m <- fitMeasures(f); list(chisq = m[["chisq"]], scaled = m[["chisq.scaled"]], df = m[["df"]], cfi = m[["cfi.scaled"]], rmsea = m[["rmsea.scaled"]], srmr = m[["srmr"]]) }
  tests <- list(); for (k in seq_along(fits)[-1]) { t <- tryCatch(suppressWarnings(lavTestLRT(fits[[k - 1]], fits[[k]])), error = function(e) NULL)
    tests[[names[k]]] <- if (is.null(t) || fitMeasures(fits[[k]], "df") == fitMeasures(fits[[k - 1]], "df")) list(df = 0) else list(chisq = t[2, "Chisq diff"], df = t[2, "Df diff"], pvalue = t[2, "Pr(>Chisq)"]) }
  last <- fits[["intercepts"]]; p <- parameterEstimates(last); means <- p[p$op == "~1" & p$lhs %in% c("f", "h") & p$group > 1, c("lhs", "group", "est", "se")]
  list(measures = lapply(fits, pick), tests = tests, means = as.list(means)) }
all <- names(steps); few <- c("configural", "intercepts", "residuals")
out <- list(lavaan = as.character(packageVersion("lavaan")), semTools = as.character(packageVersion("semTools")), session = capture.output(print(sessionInfo(), locale = FALSE))[1:3], model = model, binary = binary,
  cases = list(four = ladder(four, all), four_ulsmv = ladder(four, all, "ULSMV"), three = ladder(three, all), mixed = ladder(mixed, all), two = ladder(two, few, text = binary)))
write_json(out, file.path(args[2], "invariance_ordinal.json"), digits = I(10), auto_unbox = TRUE, na = "null", null = "null", dataframe = "columns")
