# The parts of reference.json: the pairs, one model, and the extras. Sourced by make_reference.R.

software <- function() {
  version <- function(name) as.character(packageVersion(name))
  list(R = paste(R.version$major, R.version$minor, sep = "."), netmeta = version("netmeta"), meta = version("meta"), metafor = version("metafor"))
}

# Every pair of arms of every study as the reference computes it, with the weight of a study already in its standard errors.
pairs_of <- function(rows, measure) {
  if ("treat1" %in% names(rows)) {
    pairs <- data.frame(studlab = rows$study, treat1 = rows$treat1, treat2 = rows$treat2, TE = rows$TE, seTE = rows$seTE)
    if ("weight" %in% names(rows)) pairs$seTE <- pairs$seTE / sqrt(rows$weight)
  } else if ("events" %in% names(rows)) {
    pairs <- pairwise(treat = treatment, event = events, n = n, studlab = study, data = rows, sm = measure, warn = FALSE)
    # A pair of arms without any event is missing in the reference; such a study stays in if another arm had events.
    whole <- tapply(rows$events, rows$study, sum) > 0 & tapply(rows$n - rows$events, rows$study, sum) > 0
    if (measure != "RD" && anyNA(pairs$TE[whole[pairs$studlab]])) {
      pairs <- pairwise(treat = treatment, event = events, n = n, studlab = study, data = rows, sm = measure, allstudies = TRUE, warn = FALSE)
      pairs <- pairs[whole[pairs$studlab], ]
    }
  } else {
    pairs <- pairwise(treat = treatment, n = n, mean = mean, sd = sd, studlab = study, data = rows, sm = measure, warn = FALSE)
  }
  pairs <- as.data.frame(pairs)[c("studlab", "treat1", "treat2", "TE", "seTE")]
  pairs <- pairs[!is.na(pairs$TE) & !is.na(pairs$seTE), ]
  swap <- pairs$treat1 > pairs$treat2
  pairs$TE[swap] <- -pairs$TE[swap]
  pairs[swap, c("treat1", "treat2")] <- pairs[swap, c("treat2", "treat1")]
  pairs <- pairs[order(pairs$studlab, pairs$treat1, pairs$treat2), ]
  rownames(pairs) <- NULL
  pairs
}

quiet <- function(x) {
  value <- NULL
  invisible(utils::capture.output(value <- suppressMessages(suppressWarnings(x))))
  value
}

# "additive preset 0.2 | alpha*beta, alpha*gamma" in words that R can use.
read_model <- function(text) {
  halves <- trimws(strsplit(text, "|", fixed = TRUE)[[1]])
  words <- strsplit(halves[1], " ")[[1]]
  list(
    kind = words[1], tau = words[2], preset = if (words[2] == "preset") as.numeric(words[3]),
    interactions = if (length(halves) > 1) trimws(strsplit(halves[2], ",")[[1]]) else character(0)
  )
}

tau2_of <- function(s, m) {
  switch(m$tau, dl = tau2_dl(s), reml = tau2_likelihood(s, "reml"), ml = tau2_likelihood(s, "ml"), pm = tau2_pm(s), preset = m$preset^2)
}

# One standard fit serves all component models of a case: fitting it takes the reference seconds.
KEPT <- new.env()
network <- function(pairs, preset = NULL) {
  if (is.null(preset) && identical(KEPT$pairs, pairs)) return(KEPT$net)
  net <- quiet(netmeta(TE, seTE, treat1, treat2, studlab, data = pairs, method.tau = "DL", tau.preset = preset, tol.multiarm = 1e-6, prediction = TRUE))
  if (is.null(preset)) {
    KEPT$pairs <- pairs
    KEPT$net <- net
  }
  net
}

fit_reference <- function(pairs, C, m, tau2) {
  preset <- if (is.na(tau2) || m$tau == "dl") NULL else sqrt(tau2)
  if (m$kind == "standard") return(network(pairs, preset))
  if (netconnection(treat1, treat2, studlab, data = pairs)$n.subnets == 1) {
    return(quiet(netcomb(network(pairs), C.matrix = C, tau.preset = preset, na.unident = FALSE)))
  }
  quiet(discomb(TE, seTE, treat1, treat2, studlab, data = pairs, C.matrix = C, tau.preset = preset, na.unident = FALSE))
}

interval <- function(estimate, se) {
  list(estimate = unname(estimate), se = unname(se), lower = unname(estimate - qnorm(0.975) * se), upper = unname(estimate + qnorm(0.975) * se))
}

# One number: with an estimate where the data give it; else what the reference prints, marked as not estimable.
number <- function(x, printed, s, f, tally) {
  if (!estimable(x, s$X)) {
    return(list(estimable = FALSE, printed_by_reference = list(estimate = unname(printed[1]), se = unname(printed[2]))))
  }
  own <- contrast_at(s, f, x)
  tally(max(abs(own - printed)))
  c(list(estimable = TRUE), interval(printed[1], printed[2]))
}

numbers_of <- function(net, kind, which, C, s, f, tally) {
  value <- function(stem) net[[paste0(stem, ".", which)]]
  n <- nrow(C)
  names <- rownames(C)
  league <- list()
  for (i in seq_len(n - 1)) {
    for (j in (i + 1):n) {
      printed <- c(value("TE")[names[i], names[j]], value("seTE")[names[i], names[j]])
      cell <- number(C[i, ] - C[j, ], printed, s, f, tally)
      cell <- cell[setdiff(base::names(cell), c("lower", "upper"))]
      league[[length(league) + 1]] <- c(list(treat1 = names[i], treat2 = names[j]), cell)
    }
  }
  result <- list(league = league)
  if (kind == "standard") return(result)
  column <- function(k) number(diag(ncol(C))[k, ], c(value("Comp")[k], value("seComp")[k]), s, f, tally)
  all <- setNames(lapply(seq_len(ncol(C)), column), colnames(C))
  crossed <- grepl("*", colnames(C), fixed = TRUE)
  result$components <- all[!crossed]
  result$interactions <- all[crossed]
  row <- function(k) number(C[k, ], c(value("Comb")[k], value("seComb")[k]), s, f, tally)
  result$treatments <- setNames(lapply(seq_len(n), row), names)
  result
}

# Pairs of components that no study gave: with each component, against nothing.
unstudied <- function(C, which, net, s, f, interactions, tally) {
  parts <- colnames(C)[!grepl("*", colnames(C), fixed = TRUE)]
  names <- setdiff(combn(parts, 2, paste, collapse = "+"), rownames(C))
  if (!length(names)) return(setNames(list(), character(0)))
  rows <- columns_of(names, NULL, interactions, parts)
  Comp <- net[[paste0("Comp.", which)]]
  L <- net[[paste0("Lplus.matrix.", which)]]
  cells <- lapply(names, function(k) {
    x <- rows[k, ]
    number(x, c(sum(x * Comp), sqrt(max(0, as.numeric(t(x) %*% L %*% x)))), s, f, tally)
  })
  setNames(cells, names)
}

q_of <- function(Q, df) list(value = unname(Q), df = df, p = if (is.na(df) || df == 0) NA else pchisq(Q, df, lower.tail = FALSE))

model_of <- function(text, pairs, treatments, case) {
  m <- read_model(text)
  C <- if (m$kind == "standard") diag(length(treatments)) else columns_of(treatments, case$inactive, m$interactions)
  rownames(C) <- treatments
  if (m$kind == "standard") colnames(C) <- treatments
  s <- stack_of(pairs, C)
  tau2 <- tau2_of(s, m)
  net <- fit_reference(pairs, C, m, tau2)
  worst <- 0
  tally <- function(x) worst <<- max(worst, x)
  df <- s$m - s$p
  result <- list(tau_method = m$tau, interactions = as.list(m$interactions), columns = as.list(colnames(C)), rank = s$p, tau2 = tau2)
  if (m$tau == "dl" && df > 0) {
    tally(abs(net$tau^2 - tau2))
    result$tau2 <- net$tau^2
  }
  if (m$kind == "standard") {
    result$q <- list(total = q_of(net$Q, net$df.Q))
    tally(abs(net$Q - fit_at(s, 0)$Q))
    stopifnot(net$df.Q == df)
  } else {
    result$q <- list(
      total = q_of(net$Q.standard, net$df.Q.standard), additive = q_of(net$Q.additive, net$df.Q.additive),
      difference = q_of(net$Q.diff, net$df.Q.diff)
    )
    tally(abs(net$Q.additive - fit_at(s, 0)$Q))
    stopifnot(net$df.Q.additive == df)
  }
  if (m$tau %in% c("reml", "ml") && !is.na(tau2)) result$likelihood <- likelihood_of(s, m, tau2, net, pairs, C)
  for (which in c("common", "random")) {
    f <- fit_at(s, if (which == "common" || is.na(tau2)) 0 else tau2)
    result[[which]] <- numbers_of(net, m$kind, which, C, s, f, tally)
    if (m$kind == "additive") result[[which]]$unstudied <- unstudied(C, which, net, s, f, m$interactions, tally)
  }
  result$checked <- list(what = "largest difference between the reference and the second way in engine.R", worst = worst)
  result
}

# The same fit by metafor on the same covariance, so that the highest point of the likelihood has a second witness.
likelihood_of <- function(s, m, tau2, net, pairs, C) {
  f <- fit_at(s, tau2)
  frame <- do.call(rbind, lapply(names(basic_of(pairs)), function(name) {
    b <- basic_of(pairs)[[name]]
    data.frame(study = name, contrast = paste(name, b$arms[-1]))
  }))
  X <- s$X[, s$keep, drop = FALSE]
  other <- tryCatch(
    rma.mv(s$y, s$V, mods = X, intercept = FALSE, random = ~ contrast | study, data = frame, struct = "CS", rho = 0.5, method = toupper(m$tau)),
    error = function(e) NULL
  )
  list(
    engine = "direct maximization (engine.R)", log_likelihood = f[[m$tau]], log_likelihood_at_zero = fit_at(s, 0)[[m$tau]],
    metafor_tau2 = if (is.null(other)) "failed" else other$tau2,
    metafor_log_likelihood = if (is.null(other)) "failed" else as.numeric(logLik(other))
  )
}

ranks <- function(pairs, case) {
  net <- network(pairs)
  list(
    model = "standard dl",
    small_values_desirable = lapply(netrank(net, small.values = "desirable")[c("ranking.common", "ranking.random")], as.list),
    small_values_undesirable = lapply(netrank(net, small.values = "undesirable")[c("ranking.common", "ranking.random")], as.list)
  )
}

prediction <- function(pairs, case) {
  net <- network(pairs)
  names <- net$trts
  cells <- list()
  for (i in seq_along(names)[-length(names)]) {
    for (j in (i + 1):length(names)) {
      cell <- list(treat1 = names[i], treat2 = names[j], lower = net$lower.predict[i, j], upper = net$upper.predict[i, j])
      cells[[length(cells) + 1]] <- c(cell, list(se = net$seTE.predict[i, j]))
    }
  }
  list(model = "standard dl", quantile = "t with the degrees of freedom of Q", df = net$df.Q, league = cells)
}

node_split <- function(pairs, case) {
  net <- network(pairs)
  both <- function(method) {
    s <- quiet(netsplit(net, method = method, show = "all"))
    side <- function(which) {
      one <- function(stem) s[[paste0(stem, ".", which)]]
      data.frame(
        comparison = s$comparison, studies = s$k, proportion_direct = unname(one("prop")),
        network = one("")$TE %||% s[[which]]$TE, network_se = s[[which]]$seTE,
        direct = one("direct")$TE, direct_se = one("direct")$seTE, indirect = one("indirect")$TE, indirect_se = one("indirect")$seTE,
        difference = one("compare")$TE, difference_se = one("compare")$seTE, z = one("compare")$statistic, p = one("compare")$p
      )
    }
    list(common = side("common"), random = side("random"))
  }
  list(model = "standard dl", back_calculation = both("Back-calculation"), studies_left_out = both("SIDDE"))
}
`%||%` <- function(a, b) if (is.null(a)) b else a

design_q <- function(pairs, case) {
  d <- quiet(decomp.design(network(pairs)))
  list(
    total = as.list(d$Q.decomp["Total", ]), within = as.list(d$Q.decomp["Within designs", ]), between = as.list(d$Q.decomp["Between designs", ]),
    between_random = list(Q = d$Q.inc.random$Q, df = d$Q.inc.random$df, p = d$Q.inc.random$pval, tau2_within = d$Q.inc.random$tau.within^2),
    by_design = d$Q.het.design, detached = d$Q.inc.detach
  )
}

# Hartung and Knapp for a network has no reference package; the scale factor Q(tau2) / df is computed here from the random-effects fit.
hartung_knapp <- function(pairs, case) {
  treatments <- sort(unique(c(pairs$treat1, pairs$treat2)), method = "radix")
  C <- columns_of(treatments, case$inactive)
  s <- stack_of(pairs, C)
  lapply(list(dl = tau2_dl(s), reml = tau2_likelihood(s, "reml")), function(tau2) {
    f <- fit_at(s, tau2)
    df <- s$m - s$p
    scale <- f$Q / df
    half <- qt(0.975, df) * sqrt(scale * diag(f$cov))
    cells <- Map(function(b, v, h) list(estimate = b, se = sqrt(scale * v), lower = b - h, upper = b + h), f$b, diag(f$cov), half)
    list(engine = "engine.R", model = "additive", tau2 = tau2, df = df, scale = scale, components = setNames(cells, colnames(s$X)[s$keep]))
  })
}

# Two treatments only: metafor says every method.
pair <- function(pairs, case) {
  rows <- list()
  for (method in c("DL", "REML", "ML", "PM")) {
    for (test in c("z", "knha")) {
      # metafor's own steps end early; from a start at the sharp answer they stay there. Both are recorded.
      fit <- rma(TE, seTE^2, data = pairs, method = method, test = test, control = list(threshold = 1e-14, maxiter = 100000, tol = 1e-14))
      reach <- predict(fit)
      rows[[length(rows) + 1]] <- list(
        method = method, test = test, tau2 = fit$tau2, estimate = as.numeric(fit$b), se = fit$se, lower = fit$ci.lb, upper = fit$ci.ub,
        p = fit$pval, prediction_lower = reach$pi.lb, prediction_upper = reach$pi.ub, Q = fit$QE, Q_df = fit$k - 1, Q_p = fit$QEp, I2 = fit$I2, H2 = fit$H2
      )
    }
  }
  rows
}

# How sure the heterogeneity is: I2 with its interval and the prediction interval of meta, the Q-profile ends of tau2 of metafor.
spread <- function(pairs, case) {
  fit <- rma(TE, seTE^2, data = pairs, method = "DL")
  ends <- confint(fit, control = list(tol = 1e-14))$random["tau^2", ]
  m <- metagen(TE, seTE, data = pairs, method.tau = "DL", prediction = TRUE)
  list(
    tau2_lower = ends[["ci.lb"]], tau2_upper = ends[["ci.ub"]], I2 = m$I2, I2_lower = m$lower.I2, I2_upper = m$upper.I2,
    prediction_lower = m$lower.predict, prediction_upper = m$upper.predict, prediction_df = m$df.predict
  )
}

# Meta-regression of alpha minus none on age, by metafor: intercept at age 0 and slope.
slope_of_pair <- function(pairs, case) {
  pairs$age <- case$rows$age[match(pairs$studlab, case$rows$study)]
  rows <- list()
  for (method in c("DL", "REML", "ML")) {
    for (test in c("z", "knha")) {
      fit <- rma(TE, seTE^2, mods = ~age, data = pairs, method = method, test = test, control = list(threshold = 1e-14, maxiter = 100000, tol = 1e-14))
      at <- predict(fit, newmods = 40)
      cells <- lapply(1:2, function(i) list(estimate = fit$b[i], se = fit$se[i], lower = fit$ci.lb[i], upper = fit$ci.ub[i], p = fit$pval[i]))
      rows[[length(rows) + 1]] <- list(
        method = method, test = test, tau2 = fit$tau2, slope = cells[[2]], Q = fit$QE, Q_df = fit$k - 2, QM = if (test == "z") fit$QM,
        at_40 = list(estimate = at$pred, se = at$se, lower = at$ci.lb, upper = at$ci.ub)
      )
    }
  }
  rows
}

# Slopes of alpha and of beta on age in the additive model, by engine.R, with metafor's rma.mv as the second witness of tau2.
slopes_of_network <- function(pairs, case) {
  treatments <- sort(unique(c(pairs$treat1, pairs$treat2)), method = "radix")
  s <- stack_of(pairs, columns_of(treatments, case$inactive))
  studies <- rep(names(basic_of(pairs)), vapply(basic_of(pairs), function(b) length(b$y), 1))
  age <- case$rows$age[match(studies, case$rows$study)]
  columns <- colnames(s$X)
  s$X <- cbind(s$X, s$X[, c("alpha", "beta")] * age)
  colnames(s$X) <- c(columns, "alpha age", "beta age")
  s$keep <- seq_len(ncol(s$X))
  s$p <- qr(s$X)$rank
  stopifnot(s$p == ncol(s$X))
  frame <- data.frame(study = studies, contrast = seq_along(studies))
  lapply(c(dl = "dl", reml = "reml", ml = "ml"), function(method) {
    tau2 <- tau2_of(s, list(tau = method))
    f <- fit_at(s, tau2)
    cells <- Map(function(b, v) interval(b, sqrt(v)), f$b, diag(f$cov))
    other <- if (method != "dl") rma.mv(s$y, s$V, mods = s$X, intercept = FALSE, random = ~ contrast | study, data = frame, struct = "CS", rho = 0.5, method = toupper(method))
    list(engine = "engine.R", tau2 = tau2, df = s$m - s$p, Q = fit_at(s, 0)$Q, columns = setNames(cells, colnames(s$X)), metafor_tau2 = if (is.null(other)) NA else other$tau2)
  })
}

# Hedges' g with the exact gamma-function factor. Two-arm studies by meta::metacont and by metafor; more arms by the formula alone.
hedges_of <- function(rows) {
  lapply(split(rows, rows$study), function(s) {
    k <- nrow(s)
    m <- sum(s$n) - k
    J <- exp(lgamma(m / 2) - log(sqrt(m / 2)) - lgamma((m - 1) / 2))
    sd <- sqrt(sum((s$n - 1) * s$sd^2) / m)
    g <- J * (s$mean[-1] - s$mean[1]) / sd
    V <- matrix(1 / s$n[1], k - 1, k - 1) + diag(1 / s$n[-1], k - 1)
    result <- list(
      treatments = s$treatment, g = as.list(g), J = J,
      covariance_unbiased = V + outer(g, g) * (1 - (m - 2) / (m * J^2)), covariance_large_sample = V + outer(g, g) / (2 * sum(s$n))
    )
    if (k == 2) {
      a <- metacont(s$n[2], s$mean[2], s$sd[2], s$n[1], s$mean[1], s$sd[1], sm = "SMD", method.smd = "Hedges", exact.smd = TRUE)
      b <- escalc("SMD", m1i = s$mean[2], sd1i = s$sd[2], n1i = s$n[2], m2i = s$mean[1], sd2i = s$sd[1], n2i = s$n[1], vtype = c("LS"))
      c <- escalc("SMD", m1i = s$mean[2], sd1i = s$sd[2], n1i = s$n[2], m2i = s$mean[1], sd2i = s$sd[1], n2i = s$n[1], vtype = c("UB"))
      result$meta_exact <- list(g = a$TE, variance = a$seTE^2)
      result$metafor_large_sample <- list(g = as.numeric(b$yi), variance = as.numeric(b$vi))
      result$metafor_unbiased <- list(g = as.numeric(c$yi), variance = as.numeric(c$vi))
      a2 <- metacont(s$n[2], s$mean[2], s$sd[2], s$n[1], s$mean[1], s$sd[1], sm = "SMD", method.smd = "Hedges", exact.smd = FALSE)
      result$meta_approximate <- list(g = a2$TE, variance = a2$seTE^2)
    }
    result
  })
}

# The other convention for risk ratios, metafor's: 0.5 in every cell, so that one is added to the people. Two-arm studies.
halves_of <- function(rows) {
  whole <- Filter(function(s) nrow(s) == 2 && sum(s$events) > 0, split(rows, rows$study))
  unname(lapply(whole, function(s) {
    e <- escalc("RR", ai = s$events[1], n1i = s$n[1], ci = s$events[2], n2i = s$n[2], add = 0.5, to = "only0")
    list(study = s$study[1], treat1 = s$treatment[1], treat2 = s$treatment[2], TE = as.numeric(e$yi), seTE = sqrt(as.numeric(e$vi)))
  }))
}

EXTRAS <- list(ranks = ranks, prediction = prediction, split = node_split, designs = design_q, hartung_knapp = hartung_knapp, pair = pair, spread = spread, slope_of_pair = slope_of_pair, slopes_of_network = slopes_of_network)
