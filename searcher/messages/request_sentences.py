"""Messages about requests, uploads and the server."""

SENTENCES: dict[str, str | tuple[str, str]] = {
    "request.choices": "The options must be an object of names and values.",
    "request.picture_id": "That is not the id of a picture.",
    "request.too_many_pictures": "At most {most} pictures can be named at once.",
    "request.number": "That is not a number.",
    "request.text": "That is not a text.",
    "request.text_too_long": "A text here has at most {most} letters.",
    "request.no_model": "Name a model.",
    "request.too_many_models": "At most {most} models can be named here.",
    "request.same_model": "Name two different models to compare.",
    "request.models_to_compare": "Name 2 to {most} models to compare.",
    "request.models_of_costs": "Name 1 to {most} models.",
    "request.choice": "That is none of the choices.",
    "request.measure": "The measures are {measures}.",
    "request.nothing_shown": "There is nothing to save yet: this shows no results.",
    "request.region": "That is not a region of the picture.",
    "request.list": "That is not a list.",
    "request.list_too_long": "That list is too long.",
    "request.values": "These are not the values that this takes.",
    "request.no_picture": "There is no picture: upload one, or paste it.",
    "request.no_files": "There are no files: choose some first.",
    "request.too_many_files": "At most {most} files can be added at once.",
    "query.text_too_long": "A query has at most {most} letters of text.",
    "query.no_text": "There are no words in this query.",
    "query.no_parts": "This query has no part: give a picture or words.",
    "query.too_many_parts": "A query has at most {most} parts.",
    "query.weight": "The weight of a part is a number from -{most:g} to {most:g}, but not 0.",
    "query.only_minus": "At least one part must count for a picture, not against it.",
    "query.not_a_part": (
        "A part is an object with one of `text`, `picture` and `image`, and perhaps `weight` and, "
        "of a picture, `box`."
    ),
    "query.region": "A region is left, top, right and bottom, as shares from 0 to 1.",
    "query.weights": (
        "--weight takes numbers above 0, up to {most:g}: as many as there are parts ({count}), or "
        "a single one for all that count against."
    ),
    "query.cancels_out": (
        "The parts of this query cancel each other out: change a weight, or leave a part out."
    ),
    "query.not_a_picture": (
        "This is measured by changing the picture of the query: search with one picture."
    ),
    "request.query_forgotten": "This query is not kept any more.",
    "upload.not_here": "The picture was not uploaded here: upload it again.",
    "upload.forgotten": "The uploaded picture is not kept any more: drop it again.",
    "upload.digest": "The address names no uploaded picture.",
    "upload.no_example": "There is no such example any more.",
    "upload.too_large": "{name} is larger than the {mb:d} MB that can be uploaded here.",
    "upload.no_room": "There is no room for uploads at the moment: try again in an hour.",
    "upload.visitor_quota": (
        "That is more than the {mb:d} MB that each visitor may upload in a day."
    ),
    "upload.added_quota": (
        "There is no room for more pictures: those that were added here may take {mb:d} MB in all."
    ),
    "upload.cut_off": "The upload was cut off: send it again.",
    "upload.unreadable": "That is not an upload that can be read.",
    "address.not_allowed": "Pictures can't be given by address here: upload them.",
    "address.too_many": "A call may name {most} addresses of pictures, not more.",
    "address.unreachable": (
        "The address of the picture can't be reached from here: upload the picture."
    ),
    "address.no_picture": "There is no picture at this address, but something else.",
    "address.too_large": "The picture is larger than the {mb:d} MB that can be given here.",
    "rate.calls": (
        "That was {calls} within a minute, which is what each visitor may ask for: try again "
        "in {wait} s."
    ),
    "rate.waiting": "Too much of what you have asked for is not done yet: wait for it.",
    "rate.busy": "Too many visitors are waiting: try again in a few seconds.",
    "rate.logins": "Too many wrong logins: try again in {wait} s.",
    "call.json": "This call is not JSON that can be read.",
    "call.object": "A call is a JSON object.",
    "call.text_field": "{field} must be a text of at most {most} letters.",
    "call.number_field": "{field} must be a whole number.",
    "call.batched": "Calls can't be batched here.",
    "call.values": "data must be a list of the {fewest} values that this takes.",
    "call.number_too_large": "A number of this call is too large.",
    "call.too_deep": "This call is nested too deep.",
    "call.path_too_long": "The path of a file of this call is too long.",
    "call.text_too_long": "A text of this call is too long.",
    "call.character": "A text of this call has a character that can't be.",
    "call.queued": "{name} is called at gradio_api/call/v2/{name}, not by a direct request.",
    "call.session": "session_hash and fn_index say what is called.",
    "call.forgotten": "Nothing was asked under this name, or not lately.",
    "http.not_found": "There is nothing here.",
    "http.login": "Log in first.",
    "http.foreign_file": "Files of other sites can't be had here.",
    "http.foreign_page": "Another site's page may not ask this app.",
    "http.host": "This name is not one of this app's: ALLOWED_HOSTS may name it.",
    "http.no_host": "A request must name its host.",
    "http.address_too_long": "This address is too long.",
    "http.headers_too_long": "These headers are too long.",
    "http.body_too_long": "This is more than the {mb:d} MB that can be sent here.",
    "server.failed": "Something went wrong here; the server's log has the details under {request}.",
    "server.shared": (
        "The page is also at {url}, for up to a week and through Gradio's servers. Who has this "
        "link, and a password if AUTH sets one, may search the library."
    ),
    "server.shared_for_changes": (
        "The page is also at {url}, for up to a week and through Gradio's servers. Who has this "
        "link may search and change the library: AUTH=name:password lets only those in who know "
        "the password, and READ_ONLY=1 allows no changes."
    ),
    "server.not_shared": (
        "Gradio's servers gave no link, so the page is not shared: it needs access to the internet."
    ),
    "server.port": (
        "Port {port:d} can't be used ({reason}): stop what uses it, or choose another one with "
        "PORT=8000."
    ),
    "server.mcp_login": "MCP=1 has no login, so it can't be used together with AUTH.",
    "server.mcp_package": "MCP=1 needs one more package: pip install 'gradio[mcp]=={version}'.",
}
