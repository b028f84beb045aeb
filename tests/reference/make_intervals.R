# Writes goldens/intervals.json: Rscript make_intervals.R <data/synthetic_complete.csv> <output folder>
# Intervals of package boot, and of lavaan's bootstrap, beside the draws they were read off. Needs
# boot, lavaan and jsonlite.
suppressPackageStartupMessages({library(boot); library(lavaan); library(jsonlite)})
args <- commandArgs(trailingOnly = TRUE)
d <- read.csv(args[1])[1:150, ]

# A product of two regression slopes, one slope, and a variance of skewed answers: 399 resamples of the rows.
slopes <- function(data, rows) {
  x <- data[rows, ]
  a <- coef(lm(tru1 ~ inf1, x))[["inf1"]]
  both <- coef(lm(res1 ~ tru1 + inf1, x))
  c(product = a * both[["tru1"]], slope = both[["inf1"]], variance = mean((x$tenure - mean(x$tenure))^2))
}
set.seed(20261121)
got <- boot(d, slopes, R = 399)
levels <- c(0.80, 0.90, 0.95)
limits <- list()
for (k in 1:3) for (level in levels) {
  L <- empinf(got, index = k, type = "jack")
  ci <- boot.ci(got, conf = level, type = c("norm", "basic", "perc", "bca"), index = k, L = L)
  limits[[length(limits) + 1]] <- list(index = k, level = level, normal = ci$normal[2:3], basic = ci$basic[4:5], percentile = ci$percent[4:5], bca = ci$bca[4:5])
}
out <- list(boot = as.character(packageVersion("boot")), lavaan = as.character(packageVersion("lavaan")),
            t0 = unname(got$t0), t = got$t, influence = sapply(1:3, function(k) empinf(got, index = k, type = "jack")), limits = limits)

# lavaan: the intervals of its own bootstrap, and refits to known resamples.
path <- "tru1 ~ a*inf1\nres1 ~ b*tru1 + c*inf1\nab := a*b"
set.seed(1)
fit <- sem(path, d, se = "bootstrap", bootstrap = 299, fixed.x = FALSE)
types <- c(normal = "norm", basic = "basic", percentile = "perc", bias_corrected = "bca.simple")
read <- function(type) { p <- parameterEstimates(fit, boot.ci.type = type); list(lower = p$ci.lower, upper = p$ci.upper) }
p <- parameterEstimates(fit)
out$path <- list(model = path, names = paste0(p$lhs, p$op, p$rhs), est = p$est, se = p$se, t = unname(unclass(lavInspect(fit, "boot"))[, , drop = FALSE]),
                 coef = names(coef(fit)), limits = lapply(types, read))
attr(out$path$t, "seed") <- NULL

model <- "info =~ inf1 + inf2 + inf3\ntrust =~ tru1 + tru2 + tru3\ntrust ~ info"
fit <- sem(model, d)
set.seed(2)
refits <- bootstrapLavaan(fit, R = 40, keep.idx = TRUE)
rows <- attr(refits, "boot.idx")[[1]]
out$refits <- list(model = model, coef = names(coef(fit)), t = matrix(as.numeric(refits), nrow(refits)), rows = unname(matrix(as.integer(rows), nrow(refits))))
write_json(out, file.path(args[2], "intervals.json"), digits = I(12), auto_unbox = TRUE)
