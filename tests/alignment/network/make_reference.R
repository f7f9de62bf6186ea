# Makes reference.json of every case beside it, with the R packages netmeta, meta and metafor. No test needs R: this is for whoever
# wants to make the files again.
#
#   Rscript tests/alignment/network/make_reference.R tests/alignment/network [case ...]

suppressMessages(suppressWarnings({
  library(netmeta)
  library(metafor)
  library(jsonlite)
}))
settings.meta(warn = FALSE)
arguments <- commandArgs(trailingOnly = TRUE)
here <- arguments[1]
source(file.path(here, "engine.R"))
source(file.path(here, "pieces.R"))

OR <- c("additive dl", "additive reml", "additive ml", "additive pm", "additive preset 0.2", "standard dl", "standard reml", "standard ml")
ONE <- c("additive dl | alpha*beta", "additive reml | alpha*beta")
TWO <- c("additive dl | alpha*beta, alpha*gamma", "additive ml | alpha*beta, alpha*gamma", "additive dl | alpha*beta, alpha*gamma, beta*gamma")
CASES <- list(
  or_connected = list(measure = "OR", models = c(OR, ONE, TWO), extras = c("ranks", "prediction", "split", "designs", "hartung_knapp")),
  or_two_arms = list(measure = "OR", models = c("additive dl", "standard dl", "standard reml"), extras = c("ranks", "prediction", "split", "designs")),
  or_zero = list(measure = "OR", models = c("additive dl", "additive reml", "standard dl")),
  rr_zero = list(measure = "RR", models = c("additive dl", "additive reml", "standard dl")),
  rd_zero = list(measure = "RD", models = c("additive dl", "additive reml", "standard dl")),
  rr_connected = list(measure = "RR", models = c("additive dl", "additive reml", "standard dl", ONE[1], TWO[1])),
  rd_connected = list(measure = "RD", models = c("additive dl", "additive reml", "standard dl", ONE[1])),
  md = list(measure = "MD", models = c("additive dl", "additive reml", "additive ml", "standard dl", "standard reml", ONE[1]), extras = c("prediction")),
  smd = list(measure = "SMD", models = c("additive dl", "additive reml", "standard dl", ONE[1])),
  contrasts = list(measure = "MD", models = c(OR, ONE, TWO[1]), extras = c("ranks", "prediction", "split", "designs", "hartung_knapp")),
  disconnected = list(measure = "MD", models = c("additive dl", "additive reml", "additive ml", "additive preset 0.3", ONE[1])),
  unidentifiable = list(measure = "MD", models = c("additive dl", "additive reml", "additive preset 0.15", ONE[1], "additive dl | alpha*beta, alpha*delta")),
  question = list(measure = "OR", models = c("additive dl", "additive reml", "additive dl | alpha*delta")),
  df_zero = list(measure = "OR", models = c("additive dl", "additive preset 0.2", "standard dl")),
  no_inactive = list(measure = "MD", inactive = NULL, models = c("additive dl", "additive reml", "standard dl", ONE[1])),
  no_inactive_tied = list(measure = "MD", inactive = NULL, models = c("additive dl", "additive reml", "standard dl", ONE[1])),
  weights = list(measure = "MD", models = c("additive dl", "additive reml", "standard dl", ONE[1])),
  heterogeneous = list(measure = "OR", models = c(OR, ONE, TWO[1:2]), extras = c("ranks", "prediction", "hartung_knapp")),
  pairwise = list(measure = "OR", models = c("standard dl", "standard reml", "standard ml", "standard pm"), extras = c("pair", "spread")),
  regression_pair = list(measure = "OR", models = c("standard dl"), extras = c("slope_of_pair")),
  regression_network = list(measure = "MD", models = c("additive dl"), extras = c("slopes_of_network"))
)
for (name in names(CASES)) if (!"inactive" %in% names(CASES[[name]]) && !startsWith(name, "no_inactive")) CASES[[name]]["inactive"] <- "none"

# One line per part and per model: small, and a difference between two versions can still be read.
save_json <- function(result, path) {
  text <- function(x) toJSON(x, digits = NA, auto_unbox = TRUE, null = "null", na = "null", dataframe = "rows")
  lines <- function(parts, indent) paste0(indent, vapply(names(parts), function(n) paste0(toJSON(n, auto_unbox = TRUE), ": ", parts[[n]]), ""))
  models <- paste(lines(lapply(result$models, text), "  "), collapse = ",\n")
  parts <- lapply(result, text)
  parts$models <- paste0("{\n", models, "\n }")
  writeLines(c("{", paste(lines(parts, " "), collapse = ",\n"), "}"), path)
}

make_case <- function(name) {
  case <- CASES[[name]]
  rows <- read.csv(file.path(here, name, "data.csv"), stringsAsFactors = FALSE)
  pairs <- pairs_of(rows, case$measure)
  treatments <- sort(unique(c(pairs$treat1, pairs$treat2)), method = "radix")
  models <- lapply(case$models, model_of, pairs = pairs, treatments = treatments, case = case)
  names(models) <- case$models
  result <- list(
    case = name,
    software = software(),
    input = list(kind = if ("treat1" %in% names(rows)) "contrasts" else "arms", measure = case$measure, inactive = case$inactive, separator = "+"),
    treatments = treatments,
    left_out = as.list(setdiff(unique(rows$study), unique(pairs$studlab))),
    contrasts = pairs[c("studlab", "treat1", "treat2", "TE", "seTE")],
    models = models
  )
  names(result$contrasts)[1] <- "study"
  for (extra in case$extras) result[[extra]] <- EXTRAS[[extra]](pairs, c(case, list(rows = rows)))
  if (name == "rr_zero") result$half_in_every_cell <- halves_of(rows)
  if (name == "smd") result$hedges <- hedges_of(rows)
  save_json(result, file.path(here, name, "reference.json"))
  worst <- max(vapply(models, function(m) m$checked$worst, 1))
  cat(sprintf("%-18s %2d studies %2d treatments %2d models, two ways differ by at most %.1e\n", name, length(unique(pairs$studlab)), length(treatments), length(models), worst))
}

# The order of names must not hang on the language of the machine: the packages sort with sort().
invisible(Sys.setlocale("LC_COLLATE", "C"))
for (name in if (length(arguments) > 1) arguments[-1] else names(CASES)) make_case(name)
