"""A request is sent once."""

from aiohttp import (
    ClientConnectionError,
    ClientConnectorError,
    ClientHandlerType,
    ClientOSError,
    ClientRequest,
    ClientResponse,
    ServerDisconnectedError,
)


async def once(request: ClientRequest, handler: ClientHandlerType) -> ClientResponse:
    """Pass a request on, and let a dropped connection be the end of it.

    A client middleware of aiohttp, which by itself repeats a GET when the connection
    drops: that second request would cost quota and be counted by nobody here.
    """
    try:
        return await handler(request)
    except ClientConnectorError:
        raise
    except (ClientOSError, ServerDisconnectedError) as err:
        raise ClientConnectionError("the connection was dropped") from err
