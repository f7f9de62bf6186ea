# What make_reference.R needs: the same models fitted a second way, straight from the likelihood, and the exact row-space test.
# Written for this project; nothing here is taken from the packages that it checks.

# Rank in whole numbers: elimination without fractions (Bareiss), so that no tolerance decides. Entries are -1, 0, 1.
exact_rank <- function(M) {
  M <- round(as.matrix(M))
  rank <- 0
  last <- 1
  for (column in seq_len(ncol(M))) {
    if (rank >= nrow(M)) break
    rows <- (rank + 1):nrow(M)
    pivot <- rows[M[rows, column] != 0]
    if (!length(pivot)) next
    M[c(rank + 1, pivot[1]), ] <- M[c(pivot[1], rank + 1), ]
    rank <- rank + 1
    for (i in seq_len(nrow(M))) {
      if (i > rank) M[i, ] <- (M[rank, column] * M[i, ] - M[i, column] * M[rank, ]) / last
    }
    last <- M[rank, column]
    stopifnot(all(abs(M) < 2^52), all(M == round(M)))
  }
  rank
}

estimable <- function(x, X) exact_rank(rbind(X, x)) == exact_rank(X)

# Columns of components and of interactions for treatments such as "alpha+beta"; `inactive` has none.
columns_of <- function(treatments, inactive = NULL, interactions = character(0), components = NULL) {
  parts <- lapply(strsplit(treatments, "+", fixed = TRUE), trimws)
  if (is.null(components)) components <- sort(setdiff(unique(unlist(parts)), inactive), method = "radix")
  C <- sapply(components, function(name) vapply(parts, function(p) as.numeric(name %in% p), 1))
  C <- matrix(C, length(treatments), length(components), dimnames = list(treatments, components))
  for (term in interactions) {
    names <- strsplit(term, "*", fixed = TRUE)[[1]]
    C <- cbind(C, apply(C[, names, drop = FALSE], 1, prod))
    colnames(C)[ncol(C)] <- term
  }
  C
}

# k - 1 contrasts of each study against its first treatment, with the covariance that the standard errors of all pairs imply.
basic_of <- function(pairs) {
  lapply(split(pairs, pairs$studlab), function(s) {
    arms <- sort(unique(c(s$treat1, s$treat2)), method = "radix")
    k <- length(arms)
    stopifnot(nrow(s) == k * (k - 1) / 2)
    V <- matrix(0, k, k, dimnames = list(arms, arms))
    Y <- V
    for (r in seq_len(nrow(s))) {
      V[s$treat1[r], s$treat2[r]] <- V[s$treat2[r], s$treat1[r]] <- s$seTE[r]^2
      Y[s$treat1[r], s$treat2[r]] <- s$TE[r]
      Y[s$treat2[r], s$treat1[r]] <- -s$TE[r]
    }
    later <- arms[-1]
    cov <- outer(later, later, Vectorize(function(a, b) (V[a, arms[1]] + V[b, arms[1]] - V[a, b]) / 2))
    dim(cov) <- c(k - 1, k - 1)
    list(arms = arms, y = Y[later, arms[1]], V = cov, T = (diag(k - 1) + 1) / 2)
  })
}

# Everything of one model as plain matrices. `C` has a row per treatment.
stack_of <- function(pairs, C) {
  basics <- basic_of(pairs)
  m <- sum(vapply(basics, function(b) length(b$y), 1))
  y <- numeric(m)
  V <- T <- matrix(0, m, m)
  X <- matrix(0, m, ncol(C), dimnames = list(NULL, colnames(C)))
  at <- 0
  for (b in basics) {
    i <- at + seq_along(b$y)
    y[i] <- b$y
    V[i, i] <- b$V
    T[i, i] <- b$T
    X[i, ] <- C[b$arms[-1], , drop = FALSE] - C[rep(b$arms[1], length(i)), , drop = FALSE]
    at <- at + length(i)
  }
  # A set of columns of full rank spans the same row space as all of them.
  keep <- integer(0)
  for (j in seq_len(ncol(X))) if (exact_rank(X[, c(keep, j), drop = FALSE]) > length(keep)) keep <- c(keep, j)
  list(y = y, V = V, T = T, X = X, keep = keep, m = m, p = length(keep))
}

fit_at <- function(s, tau2) {
  W <- solve(s$V + tau2 * s$T)
  X <- s$X[, s$keep, drop = FALSE]
  A <- t(X) %*% W %*% X
  cov <- solve(A)
  b <- as.vector(cov %*% t(X) %*% W %*% s$y)
  r <- s$y - as.vector(X %*% b)
  logdet <- function(M) as.numeric(determinant(M, logarithm = TRUE)$modulus)
  Q <- as.numeric(t(r) %*% W %*% r)
  P <- W - W %*% X %*% cov %*% t(X) %*% W
  ml <- -0.5 * (s$m * log(2 * pi) + logdet(s$V + tau2 * s$T) + Q)
  reml <- -0.5 * ((s$m - s$p) * log(2 * pi) + logdet(s$V + tau2 * s$T) + logdet(A) + Q)
  PT <- P %*% s$T
  score <- list(
    ml = -0.5 * (sum(W * s$T) - as.numeric(t(s$y) %*% PT %*% P %*% s$y)),
    reml = -0.5 * (sum(diag(PT)) - as.numeric(t(s$y) %*% PT %*% P %*% s$y))
  )
  list(b = b, cov = cov, Q = Q, ml = ml, reml = reml, score = score, traceP = sum(diag(PT)))
}

tau2_dl <- function(s) {
  f <- fit_at(s, 0)
  if (s$m <= s$p) return(NA_real_)
  max(0, (f$Q - (s$m - s$p)) / f$traceP)
}

# The highest point of the likelihood: a grid over tau to find the hill, then the root of the score to the last digits.
tau2_likelihood <- function(s, kind) {
  if (s$m <= s$p) return(NA_real_)
  grid <- c(0, exp(seq(log(1e-8), log(100), length.out = 400)))
  heights <- vapply(grid, function(t2) fit_at(s, t2)[[kind]], 1)
  best <- which.max(heights)
  slope <- function(t2) fit_at(s, t2)$score[[kind]]
  if (best == 1 && slope(0) <= 0) return(0)
  low <- grid[max(best - 1, 1)]
  high <- grid[min(best + 1, length(grid))]
  if (slope(low) <= 0) return(low)
  while (slope(high) > 0) high <- 4 * high
  uniroot(slope, c(low, high), tol = 1e-15, maxiter = 10000)$root
}

# Paule and Mandel's idea for any linear model: the tau2 at which the generalized Q equals its degrees of freedom.
tau2_pm <- function(s) {
  if (s$m <= s$p) return(NA_real_)
  gap <- function(t2) fit_at(s, t2)$Q - (s$m - s$p)
  if (gap(0) <= 0) return(0)
  high <- 1
  while (gap(high) > 0) high <- 2 * high
  uniroot(gap, c(0, high), tol = 1e-15, maxiter = 10000)$root
}

# Estimate and standard error of a contrast of columns that is in the row space; NA elsewhere.
contrast_at <- function(s, f, x) {
  X <- s$X[, s$keep, drop = FALSE]
  # x = a' X with X of rank p on the kept columns: solve for the kept columns alone.
  a <- qr.coef(qr(t(s$X)), x)
  a[is.na(a)] <- 0
  l <- as.vector(t(a) %*% X)
  c(estimate = sum(l * f$b), se = sqrt(max(0, as.numeric(t(l) %*% f$cov %*% l))))
}
