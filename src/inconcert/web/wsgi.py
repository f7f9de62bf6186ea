"""What a web server calls: `gunicorn inconcert.web.wsgi`."""

from __future__ import annotations

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "inconcert.web.settings")
application = get_wsgi_application()

from inconcert.web.warm import warm_up  # noqa: E402 - only once Django is set up

warm_up()
