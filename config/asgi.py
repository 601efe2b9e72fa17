"""HTTP and WebSocket entry point."""

import asyncio
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import IO, Any

from django.core import signals
from django.core.asgi import get_asgi_application
from django.core.exceptions import RequestAborted
from django.core.handlers.asgi import ASGIHandler, get_script_prefix
from django.core.handlers.base import BaseHandler
from django.http import StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.urls import set_script_prefix

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
get_asgi_application()  # sets Django up

from channels.auth import AuthMiddlewareStack  # noqa: E402 - models load only after the line above
from channels.routing import ProtocolTypeRouter, URLRouter  # noqa: E402
from channels.security.websocket import AllowedHostsOriginValidator  # noqa: E402
from django.conf import settings  # noqa: E402

from realtime.routing import websocket_urlpatterns  # noqa: E402

SEND_SECONDS = 60  # to hand over a part of a file; a server that is stopping never takes it


class InThreads(ASGIHandler):
    """Answers each request, from the first middleware to the last, in one thread of a pool, as a WSGI server would.

    Nothing of ours is asynchronous. Django's own handler changes between the event loop and a new thread six times for
    each request and opens the database anew in it: a cast costs twice as much. And with a bounded number of threads those
    who come in a crowd wait in line, instead of all at the lock of the database.
    """

    def __init__(self) -> None:
        BaseHandler.__init__(self)
        self.load_middleware(is_async=False)
        self.pool = ThreadPoolExecutor(settings.WEB_THREADS, thread_name_prefix="request")

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        try:
            body = await self.read_body(receive)
        except RequestAborted:
            return
        loop = asyncio.get_running_loop()

        def tell(message: dict[str, Any]) -> None:
            asyncio.run_coroutine_threadsafe(send(message), loop).result(SEND_SECONDS)

        response = await loop.run_in_executor(self.pool, self._answer, scope, body, tell)
        if response is not None:
            await self.send_response(response, send)

    def _answer(self, scope: Any, body: IO[bytes], tell: Callable[[dict[str, Any]], None]) -> HttpResponseBase | None:
        """The response, done with and closed, for the event loop to send; None for one that was streamed from here."""
        set_script_prefix(get_script_prefix(scope))
        signals.request_started.send(sender=type(self), scope=scope)
        request, refused = self.create_request(scope, body)
        response = refused if request is None else self.get_response(request)
        assert response is not None
        response._handler_class = type(self)  # type: ignore[attr-defined]  # named when the request has finished
        try:
            if not isinstance(response, StreamingHttpResponse):
                return response
            _stream(response, tell)
            return None
        finally:
            response.close()
            body.close()


def _stream(response: StreamingHttpResponse, tell: Callable[[dict[str, Any]], None]) -> None:
    """Part by part, in the thread whose database connection the parts may come from."""
    headers = [(name.encode("ascii"), value.encode("latin1")) for name, value in response.items()]
    headers += [(b"Set-Cookie", cookie.OutputString().encode("ascii")) for cookie in response.cookies.values()]
    tell({"type": "http.response.start", "status": response.status_code, "headers": headers})
    for part in response:
        tell({"type": "http.response.body", "body": response.make_bytes(part), "more_body": True})
    tell({"type": "http.response.body"})


django_application = InThreads()
application = ProtocolTypeRouter(
    {
        "http": django_application,
        "websocket": AllowedHostsOriginValidator(AuthMiddlewareStack(URLRouter(websocket_urlpatterns))),
    }
)
