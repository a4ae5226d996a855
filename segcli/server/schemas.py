"""The schemas of request and response bodies in the OpenAPI document (contract, section "Model")."""

from segcli.backends.base import MAX_CODE
from segcli.model import INT32_MAX
from segcli.result import Json
from segcli.server.calls import MAX_ACCOUNTS

_INTEGER: Json = {"type": "integer", "format": "int32"}
_BOOLEAN: Json = {"type": "boolean"}
_TEXT: Json = {"type": "string"}
_TEXT_OR_NULL: Json = {"type": "string", "nullable": True}
_DATE: Json = {"type": "string", "format": "date-time"}


def _object(**properties: Json) -> Json:
    return {"type": "object", "properties": properties}


def _list_of(schema: str) -> Json:
    return {"type": "array", "items": {"$ref": f"#/components/schemas/{schema}"}}


def _collection_of(schema: str) -> Json:
    return _object(
        startIndex=_INTEGER,
        pageSize=_INTEGER,
        pageCount=_INTEGER,
        totalCount=_INTEGER,
        items=_list_of(schema),
    )


_SITE = _object(id=_INTEGER, name=_TEXT, domain=_TEXT)
_ERROR_DATA = _object(name=_TEXT, value=_TEXT)

# No member of a response is required, because responseFields can exclude any; an error has all its members.
SCHEMAS: dict[str, Json] = {
    "CustomerSegment": _object(
        id=_INTEGER,
        code=_TEXT,
        name=_TEXT_OR_NULL,
        description=_TEXT_OR_NULL,
        auditInfo=_object(createDate=_DATE, updateDate=_DATE, createBy=_TEXT_OR_NULL, updateBy=_TEXT_OR_NULL),
    ),
    "CustomerSegmentDraft": {
        **_object(code={**_TEXT, "maxLength": MAX_CODE}, name=_TEXT_OR_NULL, description=_TEXT_OR_NULL),
        "required": ["code"],
    },
    "CustomerSegmentCollection": _collection_of("CustomerSegment"),
    "CustomerAccount": _object(
        id=_INTEGER,
        emailAddress=_TEXT_OR_NULL,
        userName=_TEXT_OR_NULL,
        externalId=_TEXT_OR_NULL,
        customerSet=_TEXT_OR_NULL,
        isAnonymous=_BOOLEAN,
        isActive=_BOOLEAN,
        segments=_list_of("CustomerSegment"),
    ),
    "CustomerAccountCollection": _collection_of("CustomerAccount"),
    "AccountIds": {
        "type": "array",
        "items": {"type": "integer", "minimum": 1, "maximum": INT32_MAX},
        "minItems": 1,
        "maxItems": MAX_ACCOUNTS,
    },
    "OauthAuthRequest": {
        **_object(
            client_id=_TEXT_OR_NULL,
            client_secret=_TEXT_OR_NULL,
            refresh_token=_TEXT_OR_NULL,
            grant_type={"type": "string", "enum": ["client_credentials", "refresh_token"]},
        ),
        "required": ["grant_type"],
    },
    "OAuthAccessTokenResponse": _object(
        access_token=_TEXT, token_type=_TEXT, expires_in=_INTEGER, refresh_token=_TEXT
    ),
    "AppAuthInfo": _object(applicationId=_TEXT_OR_NULL, sharedSecret=_TEXT_OR_NULL),
    "AuthTicketRequest": _object(refreshToken=_TEXT_OR_NULL),
    "AuthTicket": _object(
        accessToken=_TEXT,
        accessTokenExpiration=_DATE,
        refreshToken=_TEXT,
        refreshTokenExpiration=_DATE,
    ),
    "Tenant": _object(id=_INTEGER, name=_TEXT, domain=_TEXT, sites={"type": "array", "items": _SITE}),
    "Error": {
        **_object(
            applicationName=_TEXT,
            errorCode=_TEXT,
            message=_TEXT,
            correlationId=_TEXT,
            items={
                "type": "array",
                "items": _object(
                    errorCode=_TEXT,
                    message=_TEXT,
                    additionalErrorData={"type": "array", "items": _ERROR_DATA},
                ),
            },
            additionalErrorData={"type": "array", "items": _ERROR_DATA},
            exceptionDetail={"type": "object", "nullable": True},
        ),
        "required": [
            "applicationName",
            "errorCode",
            "message",
            "correlationId",
            "items",
            "additionalErrorData",
        ],
    },
}
