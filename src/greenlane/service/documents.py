"""Documents and images of a consignment over HTTP."""

import base64
from typing import Annotated, Any
from uuid import UUID

import anyio.to_thread
from litestar import Request, Response, get, post
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromPath, QueryParameter

from greenlane.desk import documents
from greenlane.desk.caller import Right
from greenlane.desk.documents import Sent
from greenlane.desk.results import DocumentTold
from greenlane.privacy.purposes import Purpose
from greenlane.service.access import RIGHT, TAKES
from greenlane.service.problems import Problem
from greenlane.service.requesting import (
    ConsignmentId,
    IdempotencyKey,
    PartyOf,
    TheCaller,
    TheDesk,
    TheSettings,
    reply,
    request_of,
)
from greenlane.service.shapes import DocumentKind, Documents

KindOf = Annotated[DocumentKind, QueryParameter(description="What the document is.")]

PurposeOf = Annotated[
    Purpose | None, QueryParameter(description="What it is read for; needed where it isn't the caller's own.")
]


@post(
    "/consignments/{consignment_id:str}/documents",
    status_code=201,
    tags=["consignments"],
    opt={RIGHT: Right.DOCUMENT, TAKES: "document"},
    responses={
        201: ResponseSpec(DocumentTold, description="Attached.", generate_examples=False),
        200: ResponseSpec(DocumentTold, description="It was there already.", generate_examples=False),
    },
)
async def attach(
    request: Request[Any, Any, Any],
    desk: TheDesk,
    caller: TheCaller,
    settings: TheSettings,
    consignment_id: ConsignmentId,
    kind: KindOf = DocumentKind.OTHER,
    party: PartyOf = None,
    idempotency_key: IdempotencyKey = None,
) -> Response[bytes]:
    """Attach a document or an image to a consignment: its bytes are the body, its media type the content type.

    The same content again is the document that is there (200). Commands name it by its id.
    """
    length = request.headers.get("content-length", "")
    too_large = Problem(413, "too-large", f"a document takes up to {settings.document_bytes:,} bytes")
    if length.isdecimal() and int(length) > settings.document_bytes:
        raise too_large
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > settings.document_bytes:
            raise too_large
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    asked = request_of(request, caller, idempotency_key, media_type.encode() + b"\n" + body)
    sent = Sent(str(kind), media_type, body)
    return reply(
        await anyio.to_thread.run_sync(documents.attach, desk, caller, party, consignment_id, sent, asked)
    )


@get("/consignments/{consignment_id:str}/documents", tags=["consignments"], opt={RIGHT: Right.DOCUMENT})
async def list_documents(
    desk: TheDesk, caller: TheCaller, consignment_id: ConsignmentId, party: PartyOf = None
) -> Documents:
    """List the documents of a consignment."""
    return Documents(await anyio.to_thread.run_sync(documents.listed, desk, caller, party, consignment_id))


@get(
    "/documents/{document:uuid}",
    tags=["consignments"],
    opt={RIGHT: Right.DOCUMENT},
    media_type="application/octet-stream",
)
async def read_document(
    desk: TheDesk, caller: TheCaller, document: FromPath[UUID], purpose: PurposeOf = None
) -> Response[bytes]:
    """Read a document as it was sent, to be kept and not shown: its media type stands in the list."""
    told, body = await anyio.to_thread.run_sync(documents.read, desk, caller, document, purpose)
    headers = {
        "Content-Disposition": f'attachment; filename="{told.id}"',
        "Repr-Digest": f"sha-256=:{_base64(told.sha256)}:",
    }
    return Response(body, media_type="application/octet-stream", headers=headers)


def _base64(digest: str) -> str:
    return base64.b64encode(bytes.fromhex(digest)).decode()


DOCUMENTS = [attach, list_documents, read_document]
