# Draws the made-up networks that the engine of the evidence synthesis is held against.
#
#   Rscript scripts/draw_network_cases.R tests/alignment/network
#
# Every study, treatment and number is invented here from a seed: no trial and no published table stands behind a row.
# Writes <case>/data.csv. The results of R go beside it by tests/alignment/network/make_reference.R.
# Base R only.

RNGversion("4.0.0")
out <- commandArgs(trailingOnly = TRUE)[1]
if (is.na(out)) stop("Say the folder: Rscript scripts/draw_network_cases.R tests/alignment/network")

TRUTH <- c(alpha = 0.55, beta = 0.35, gamma = -0.25, delta = 0.7, epsilon = 0.15)

# What a treatment does if effects add, plus what its pairs do beyond.
effect_of <- function(treatment, beyond = numeric(0)) {
  parts <- strsplit(treatment, "+", fixed = TRUE)[[1]]
  total <- sum(TRUTH[parts[parts %in% names(TRUTH)]])
  for (name in names(beyond)) {
    if (all(strsplit(name, "*", fixed = TRUE)[[1]] %in% parts)) total <- total + beyond[[name]]
  }
  total
}

# `studies` is a list of character vectors of treatments; returns one row per arm with the true effect of the arm.
lay_out <- function(studies, tau, beyond = numeric(0)) {
  rows <- lapply(seq_along(studies), function(i) {
    arms <- studies[[i]]
    # Arm effects with variance tau^2 / 2 each, so that contrasts of one study have variance tau^2 and correlation 1/2.
    shift <- rnorm(length(arms), 0, tau / sqrt(2))
    data.frame(study = sprintf("s%02d", i), treatment = arms, true = sapply(arms, effect_of, beyond = beyond) + shift)
  })
  do.call(rbind, rows)
}

counts <- function(arms, size = c(30, 160), base = -0.6) {
  arms$n <- round(runif(nrow(arms), size[1], size[2]))
  level <- rnorm(length(unique(arms$study)), base, 0.4)
  names(level) <- unique(arms$study)
  arms$events <- rbinom(nrow(arms), arms$n, plogis(level[arms$study] + arms$true))
  arms[c("study", "treatment", "n", "events")]
}

means <- function(arms, size = c(15, 90)) {
  arms$n <- round(runif(nrow(arms), size[1], size[2]))
  spread <- runif(length(unique(arms$study)), 6, 11)
  names(spread) <- unique(arms$study)
  arms$mean <- round(-8 - spread[arms$study] * arms$true + rnorm(nrow(arms), 0, spread[arms$study] / sqrt(arms$n)), 2)
  arms$sd <- round(spread[arms$study] * sqrt(rchisq(nrow(arms), arms$n - 1) / (arms$n - 1)), 2)
  arms[c("study", "treatment", "n", "mean", "sd")]
}

# All pairs of arms of each study, each with its standard error; arms are independent with their own variance.
contrasts <- function(arms, spread = c(0.08, 0.35)) {
  arms$v <- runif(nrow(arms), spread[1], spread[2])^2
  arms$y <- arms$true + rnorm(nrow(arms), 0, sqrt(arms$v))
  rows <- lapply(split(arms, arms$study), function(study) {
    pairs <- combn(nrow(study), 2)
    i <- pairs[1, ]
    j <- pairs[2, ]
    data.frame(
      study = study$study[i], treat1 = study$treatment[i], treat2 = study$treatment[j],
      TE = study$y[i] - study$y[j], seTE = sqrt(study$v[i] + study$v[j])
    )
  })
  do.call(rbind, rows)
}

save_case <- function(name, rows) {
  folder <- file.path(out, name)
  dir.create(folder, showWarnings = FALSE, recursive = TRUE)
  numbers <- vapply(rows, is.double, TRUE)
  rows[numbers] <- lapply(rows[numbers], function(x) format(x, digits = 15, trim = TRUE, drop0trailing = TRUE, scientific = FALSE))
  write.csv(rows, file.path(folder, "data.csv"), row.names = FALSE, quote = FALSE)
}

CONNECTED <- list(
  c("none", "alpha"), c("none", "alpha"), c("none", "beta"), c("none", "beta"), c("none", "gamma"), c("none", "delta"),
  c("alpha", "beta"), c("alpha", "alpha+beta"), c("beta", "alpha+beta"), c("none", "alpha+beta"), c("none", "alpha+gamma"),
  c("gamma", "alpha+gamma"), c("beta+gamma", "beta"), c("alpha", "gamma"), c("delta", "alpha"),
  c("none", "alpha", "alpha+beta"), c("none", "beta", "delta"), c("alpha", "gamma", "alpha+gamma"), c("none", "alpha", "beta"),
  c("none", "alpha", "beta", "alpha+beta"), c("none", "gamma", "beta+gamma", "delta"), c("none", "alpha"), c("beta", "delta")
)

set.seed(40101)
save_case("or_connected", counts(lay_out(CONNECTED, 0.15, c("alpha*beta" = 0.25))))

set.seed(40102)
two_arms <- CONNECTED[lengths(CONNECTED) == 2]
save_case("or_two_arms", counts(lay_out(c(two_arms, two_arms[c(1, 3, 7, 9, 13)]), 0.45)))

# Small arms and a rare event; then a study without any event, one with only events and one arm with only events are put in.
set.seed(40103)
rare <- counts(lay_out(CONNECTED[c(1:14, 16, 19, 20)], 0.1), size = c(10, 45), base = -2.2)
odd <- data.frame(
  study = c("t01", "t01", "t02", "t02", "t03", "t03", "t03", "t04", "t04"),
  treatment = c("none", "alpha", "none", "delta", "none", "beta", "alpha+beta", "gamma", "none"),
  n = c(14, 15, 12, 11, 20, 22, 21, 9, 13), events = c(0, 0, 4, 11, 0, 0, 3, 0, 2)
)
for (name in c("or_zero", "rr_zero", "rd_zero")) save_case(name, rbind(rare, odd))
set.seed(40104)
save_case("rr_connected", counts(lay_out(CONNECTED, 0.1)))
save_case("rd_connected", counts(lay_out(CONNECTED, 0.1)))

set.seed(40105)
change <- means(lay_out(CONNECTED[c(1:9, 11, 12, 15, 16, 18, 20, 22)], 0.15))
for (name in c("md", "smd")) save_case(name, change)

set.seed(40106)
save_case("contrasts", contrasts(lay_out(CONNECTED[c(1:8, 11:13, 15:18)], 0.5)))

# Two parts without a common treatment. alpha, beta and gamma are known from the first; the second adds delta in some arms only,
# so that every contrast between any two treatments of either part can be known.
set.seed(40107)
save_case("disconnected", contrasts(lay_out(list(
  c("none", "alpha"), c("none", "beta"), c("alpha", "alpha+beta"), c("none", "alpha", "gamma"), c("none", "gamma"), c("alpha", "none"),
  c("alpha+delta", "beta+gamma"), c("alpha+delta", "beta+delta"), c("alpha+delta", "beta+delta", "beta+gamma"),
  c("alpha+gamma", "beta+gamma"), c("alpha+delta", "alpha+gamma")
), 0.35)))

# Every arm of the second part holds delta: what delta does cannot be known, nor epsilon alone, which comes only with gamma.
set.seed(40108)
save_case("unidentifiable", contrasts(lay_out(list(
  c("none", "alpha"), c("none", "alpha"), c("alpha", "alpha+beta"), c("none", "beta"),
  c("none", "gamma+epsilon"), c("alpha", "gamma+epsilon"),
  c("alpha+delta", "beta+delta"), c("alpha+delta", "alpha+beta+delta"), c("beta+delta", "alpha+delta", "alpha+beta+delta")
), 0.25)))

# The question of the field: everyone in the second part has delta, so that alpha+delta against alpha is not in the data at all.
set.seed(40109)
save_case("question", counts(lay_out(list(
  c("none", "alpha"), c("none", "alpha"), c("none", "alpha"), c("beta", "alpha"),
  c("alpha+delta", "delta"), c("alpha+delta", "delta"), c("beta+delta", "delta")
), 0.7)))

set.seed(40110)
save_case("df_zero", counts(lay_out(list(c("none", "alpha"), c("none", "beta")), 0)))

set.seed(40111)
no_inactive <- list(
  c("alpha", "beta"), c("alpha", "alpha+beta"), c("gamma", "alpha"), c("beta", "alpha+beta"), c("gamma", "beta+gamma"),
  c("alpha+gamma", "beta"), c("alpha", "beta", "alpha+gamma"), c("gamma", "alpha+gamma"), c("beta", "gamma")
)
save_case("no_inactive", contrasts(lay_out(no_inactive, 0.4)))

# Components of which one is never seen without the other, in a connected network without an inactive treatment.
set.seed(40112)
save_case("no_inactive_tied", contrasts(lay_out(list(
  c("alpha", "beta"), c("alpha", "gamma"), c("beta", "gamma"), c("alpha", "delta+epsilon"), c("beta", "alpha+delta+epsilon"),
  c("alpha", "beta", "gamma"), c("gamma", "alpha"), c("alpha+beta", "gamma")
), 0.4)))

set.seed(40113)
weighted <- contrasts(lay_out(CONNECTED[c(1:10, 15:19)], 0.4))
w <- round(runif(length(unique(weighted$study)), 0.2, 1), 2)
names(w) <- unique(weighted$study)
w[seq(1, length(w), 3)] <- 1
weighted$weight <- unname(w[weighted$study])
save_case("weights", weighted)

set.seed(40114)
save_case("heterogeneous", counts(lay_out(c(CONNECTED, CONNECTED[c(1, 4, 8, 16)]), 0.6, c("alpha*beta" = 0.5)), size = c(80, 300)))

set.seed(40115)
pair <- lay_out(rep(list(c("none", "alpha")), 9), 0.8)
save_case("pairwise", counts(pair, size = c(25, 90)))

# The effect of alpha falls with the mean age of a study; age is a column of the file that is the same in all rows of a study.
with_age <- function(rows) {
  age <- round(runif(length(unique(rows$study)), 25, 65), 1)
  names(age) <- unique(rows$study)
  rows$age <- unname(age[rows$study])
  rows
}
set.seed(40116)
older <- with_age(lay_out(rep(list(c("none", "alpha")), 12), 0.3))
older$true <- older$true - ifelse(older$treatment == "alpha", 0.03 * (older$age - 45), 0)
save_case("regression_pair", cbind(counts(older, size = c(40, 150)), age = older$age))

set.seed(40117)
older <- with_age(lay_out(CONNECTED[c(1:9, 16, 17, 19, 20)], 0.3))
older$true <- older$true - ifelse(grepl("alpha", older$treatment), 0.03 * (older$age - 45), 0)
pairs <- contrasts(older)
pairs$age <- older$age[match(pairs$study, older$study)]
save_case("regression_network", pairs)
