# Makes the frozen numbers of this folder: invented studies, and what metafor says of them. See README.md.
suppressMessages({library(metafor); library(jsonlite)})

RNGversion("4.0.0")
draw <- function(seed, k, mu, tau, se, weight, step = 0.025) {
  # studies above the one-sided step are kept with the probability `weight`
  set.seed(seed)
  yi <- sei <- numeric(0)
  while (length(yi) < k) {
    s <- runif(1, se[1], se[2])
    y <- rnorm(1, mu, sqrt(s^2 + tau^2))
    if (pnorm(y / s, lower.tail = FALSE) <= step || runif(1) < weight) { yi <- c(yi, y); sei <- c(sei, s) }
  }
  data.frame(yi = round(yi, 4), sei = round(sei, 4))
}
sets <- list(
  selected   = draw(11, 40, 0.20, 0.20, c(0.08, 0.50), 0.25),
  few        = draw(12, 14, 0.30, 0.10, c(0.10, 0.40), 0.40),
  unselected = draw(13, 30, 0.25, 0.30, c(0.05, 0.45), 1.00),
  large      = draw(14, 120, 0.10, 0.15, c(0.05, 0.40), 0.20),
  equal      = draw(15, 30, 0.15, 0.00, c(0.10, 0.50), 0.30)
)
sets$below <- transform(sets$selected, yi = -yi)

set.seed(16)
k <- 24
binary <- data.frame(n1 = sample(15:150, k, replace = TRUE))
binary$n2 <- binary$n1 + sample(-5:5, k, replace = TRUE)
binary$e2 <- rbinom(k, binary$n2, 0.30)
binary$e1 <- rbinom(k, binary$n1, plogis(qlogis(0.30) + 0.35 + 6 / binary$n1))

selection <- function(d, steps, alternative = "greater", delta) {
  m <- rma(yi, sei^2, data = d, method = "ML", control = list(threshold = 1e-14, maxiter = 5000))
  s <- if (missing(delta)) selmodel(m, type = "stepfun", steps = steps, alternative = alternative)
       else selmodel(m, type = "stepfun", steps = steps, alternative = alternative, delta = delta)
  list(mu = c(s$beta), se = c(s$se), tau2 = s$tau2, delta = c(s$delta), se_delta = c(s$se.delta),
       ll = c(logLik(s)), ll_naive = c(logLik(m)), naive = c(m$beta), naive_se = c(m$se), naive_tau2 = m$tau2,
       lrt = s$LRT, lrt_df = s$LRTdf, lrt_p = s$LRTp, counts = c(s$ptable$k))
}
egger <- function(d) {
  f <- regtest(d$yi, sei = d$sei, model = "lm")
  a <- regtest(rma(yi, sei^2, data = d, method = "REML", control = list(threshold = 1e-14, maxiter = 5000)), model = "rma")
  list(multiplicative = list(t = f$zval, df = f$dfs, p = f$pval, limit = f$est, lower = f$ci.lb, upper = f$ci.ub),
       additive = list(z = a$zval, p = a$pval, limit = a$est, lower = a$ci.lb, upper = a$ci.ub, tau2 = a$fit$tau2,
                       slope = a$fit$beta[2], slope_se = a$fit$se[2]))
}
filled <- function(d, estimator, method, side) {
  m <- rma(yi, sei^2, data = d, method = method)
  f <- if (missing(side)) trimfill(m, estimator = estimator) else trimfill(m, estimator = estimator, side = side)
  list(k0 = f$k0, side = f$side, se_k0 = f$se.k0, p_k0 = f$p.k0, mu = c(f$beta), se = c(f$se), tau2 = f$tau2,
       filled = sort(c(f$yi)[f$fill]))
}
pet <- function(d, x) {
  f <- summary(lm(yi ~ x, data = cbind(d, x = x), weights = 1 / d$sei^2))
  list(estimate = f$coefficients[1, 1], se = f$coefficients[1, 2], p = f$coefficients[1, 4])
}
peters <- with(binary, {
  lor <- log(e1 * (n2 - e2) / (e2 * (n1 - e1)))
  w <- 1 / (1 / (e1 + e2) + 1 / (n1 + n2 - e1 - e2))
  f <- summary(lm(lor ~ I(1 / (n1 + n2)), weights = w))
  list(slope = f$coefficients[2, 1], se = f$coefficients[2, 2], t = f$coefficients[2, 3], p = f$coefficients[2, 4],
       df = f$df[2], limit = f$coefficients[1, 1])
})

fixed_steps <- c(0.005, 0.01, 0.05, 0.10, 0.25, 0.35, 0.50, 0.65, 0.75, 0.90, 0.95, 0.99, 0.995, 1)
moderate <- c(1, 0.99, 0.95, 0.80, 0.75, 0.65, 0.60, 0.55, 0.50, 0.50, 0.50, 0.50, 0.50, 0.50)
severe <- c(1, 0.99, 0.90, 0.75, 0.60, 0.50, 0.40, 0.35, 0.30, 0.25, 0.10, 0.10, 0.10, 0.10)

for (name in names(sets)) write.csv(sets[[name]], paste0(name, ".csv"), row.names = FALSE, quote = FALSE)
write.csv(binary, "binary.csv", row.names = FALSE, quote = FALSE)
answer <- list(
  versions = list(R = R.version.string, metafor = as.character(packageVersion("metafor"))),
  selection = list(
    selected_one = selection(sets$selected, 0.025),
    few_one = selection(sets$few, 0.025),
    unselected_one = selection(sets$unselected, 0.025),
    large_one = selection(sets$large, 0.025),
    large_three = selection(sets$large, c(0.025, 0.10, 0.50)),
    selected_two = selection(sets$selected, c(0.025, 0.50)),
    below_one = selection(sets$below, 0.025, "less"),
    large_either = selection(sets$large, c(0.05, 0.50), "two.sided"),
    equal_one = selection(sets$equal, 0.025)
  ),
  fixed = list(
    selected_moderate = selection(sets$selected, fixed_steps, delta = moderate),
    selected_severe = selection(sets$selected, fixed_steps, delta = severe),
    few_severe = selection(sets$few, fixed_steps, delta = severe)
  ),
  egger = lapply(sets, egger),
  trimfill = list(
    selected_L0 = filled(sets$selected, "L0", "DL"), selected_R0 = filled(sets$selected, "R0", "DL"),
    large_L0 = filled(sets$large, "L0", "DL"), large_R0 = filled(sets$large, "R0", "DL"),
    below_L0 = filled(sets$below, "L0", "DL"), equal_L0_common = filled(sets$equal, "L0", "EE"),
    few_L0 = filled(sets$few, "L0", "DL"), unselected_R0 = filled(sets$unselected, "R0", "DL"),
    selected_L0_right = filled(sets$selected, "L0", "DL", "right")
  ),
  pet = lapply(sets, function(d) pet(d, d$sei)), peese = lapply(sets, function(d) pet(d, d$sei^2)),
  peters = peters
)
write_json(answer, "metafor.json", digits = NA, auto_unbox = TRUE, pretty = TRUE, na = "null")
