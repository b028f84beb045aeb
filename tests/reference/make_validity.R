# Goldens of validity from semTools 0.5-6 and lavaan 0.6-14, on data/reliability_items.csv: Rscript make_validity.R
# Writes goldens/validity.json: HTMT, HTMT2, correlations held at a cut, and models of a common method and of a marker.
suppressPackageStartupMessages({library(lavaan); library(semTools); library(jsonlite)})
d <- read.csv("data/reliability_items.csv"); o <- read.csv("data/ordinal_items.csv")
three <- "a =~ x1 + x2 + x3\nb =~ x4 + x5 + x6\nc =~ x7 + x8 + x9"; four <- paste0(three, "\nu =~ u1 + u2 + u4")
quiet <- function(x) suppressWarnings(suppressMessages(x)); mat <- function(m) unname(matrix(as.numeric(unclass(m)), nrow(m)))
holes <- d; for (v in c("x1", "x5")) holes[[v]] <- d[[paste0(v, "h")]]
two <- "f =~ i1 + i2 + i3 + i4\ng =~ j1 + j2 + j3"; oi <- c("i1", "i2", "i3", "i4", "j1", "j2", "j3"); oc <- o[complete.cases(o[, oi]), ]
made <- list(models = list(three = three, four = four, two = two))
made$htmt <- list(htmt = mat(htmt(three, d, htmt2 = FALSE)), htmt2 = mat(htmt(three, d)),
  fiml = mat(quiet(htmt(three, holes, missing = "ml", htmt2 = FALSE))), fiml2 = mat(quiet(htmt(three, holes, missing = "ml"))),
  ordinal = mat(quiet(htmt(two, oc, ordered = oi, htmt2 = FALSE))), ordinal2 = mat(quiet(htmt(two, oc, ordered = oi))))
held <- function(estimator, cut) {
  f <- do.call("cfa", list(three, d, std.lv = TRUE, estimator = estimator)); x <- quiet(discriminantValidity(f, cutoff = cut))
  cfi <- sapply(attr(x, "constrained"), function(m) fitMeasures(m, "cfi") - fitMeasures(f, "cfi"))
  list(est = x$est, lower = x$ci.lower, upper = x$ci.upper, chisq = x[["Chisq diff"]], pvalue = x[["Pr(>Chisq)"]], cfi = unname(cfi))
}
made$held <- list(ml = held("ML", .9), ml_80 = held("ML", .8), mlr = held("MLR", .9))
told <- function(f) as.list(fitMeasures(f, c("chisq", "df", "cfi", "rmsea", "srmr")))
std <- function(...) quiet(cfa(..., data = d, std.lv = TRUE)); items <- c(paste0("x", 1:9), "u1", "u2", "u4")
base <- std(four); one <- std(paste("m =~", paste(items, collapse = " + ")))
method <- std(paste0(four, "\nm =~ ", paste0("1*", items, collapse = " + "), "\nm ~~ NA*m\nm ~~ 0*a + 0*b + 0*c + 0*u"))
r <- function(f) lavInspect(f, "cor.lv")[c("a", "b", "c", "u"), c("a", "b", "c", "u")]
change <- (r(method) - r(base))[lower.tri(diag(4))]
made$method <- list(factors = told(base), one_factor = told(one), method_factor = told(method), share = mean(coef(method)[["m~~m"]] / diag(lavInspect(method, "implied")$cov)),
  largest = change[which.max(abs(change))])
e <- parameterEstimates(base); at <- function(l, o, r) e$est[e$lhs == l & e$op == o & e$rhs == r]; u <- c("u1", "u2", "u4"); rest <- paste0("x", 1:9)
start <- paste0(three, "\nu =~ ", paste0(sapply(u, function(v) at("u", "=~", v)), "*", u, collapse = " + "), "\n",
  paste0(u, " ~~ ", sapply(u, function(v) at(v, "~~", v)), "*", u, collapse = "\n"), "\nu ~~ 0*a + 0*b + 0*c")
none <- std(start); alike <- std(paste0(start, "\nu =~ ", paste0("k*", rest, collapse = " + "))); apiece <- std(paste0(start, "\nu =~ ", paste(rest, collapse = " + ")))
p <- lavTestLRT(alike, apiece)[2, "Pr(>Chisq)"]; c3 <- lavInspect(none, "cor.lv")
effects <- if (p < .05) paste(rest, collapse = " + ") else paste0("k*", rest, collapse = " + ")
fixed <- std(paste0(start, "\nu =~ ", effects, "\na ~~ ", c3["a", "b"], "*b + ", c3["a", "c"], "*c\nb ~~ ", c3["b", "c"], "*c"))
made$marker <- list(marker_baseline = told(none), marker_equal = told(alike), marker_free = told(apiece), marker_held = told(fixed))
made$session <- capture.output(print(sessionInfo(), locale = FALSE))
write_json(made, "goldens/validity.json", digits = I(12), auto_unbox = TRUE, na = "null")
