"""Pages for when something is wrong. None of them repeats what was asked or what a record says."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def _page(request: HttpRequest, status: int, title: str, text: str, mend: str) -> HttpResponse:
    return render(request, "web/error.html", {"title": title, "text": text, "mend": mend}, status=status)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001 - not shown on purpose
    """The request could not be understood."""
    return _page(request, 400, "That request could not be understood", "Nothing was changed.", "Go back and try again.")


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001
    """Not allowed."""
    return _page(request, 403, "Not allowed", "Your role does not open this page.", "Ask your clinic's administrator.")


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001
    """Nothing there, or nothing of this clinic."""
    return _page(
        request,
        404,
        "There is nothing here",
        "No such page, patient or file in your clinic.",
        "Start from the patient list.",
    )


def server_error(request: HttpRequest) -> HttpResponse:
    """A fault of the program."""
    return _page(
        request, 500, "Something went wrong on our side",
        "The page could not be made. What was saved before is safe.",
        "Try again; if it happens again, tell whoever runs the site what you did. Do not send them patient details.",
    )  # fmt: skip


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:  # noqa: ARG001
    """A form without its token: too old, or not ours."""
    return _page(
        request,
        403,
        "This form is too old",
        "Nothing was changed.",
        "Go back, load the page again and send the form anew.",
    )
