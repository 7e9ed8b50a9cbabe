-- Asks portcullis-server about a request, and denies whatever it does not allow.
local url = "http://127.0.0.1:9002/haproxy"
local added = {"portcullis-decision", "portcullis-tenants", "portcullis-user", "portcullis-endpoint"}
local handed_back = {"www-authenticate", "allow", "content-type", "cache-control"}

-- All values of a header. HAProxy counts them from 0.
local function all(headers, name)
    local found = {}
    local values = headers[name]
    if values then
        local at = values[0] and 0 or 1
        while values[at] do
            found[#found + 1] = values[at]
            at = at + 1
        end
    end
    return found
end

local function deny(txn, status, headers, body)
    local reply = txn:reply()
    reply:set_status(status)
    for _, name in ipairs(handed_back) do
        for _, value in ipairs(all(headers, name)) do
            reply:add_header(name, value)
        end
    end
    reply:set_body(body or "")
    txn:done(reply)
end

core.register_action("portcullis", {"http-req"}, function(txn)
    -- Only what is named here reaches portcullis-server: if your policy reads the
    -- tenant from a header, add that header.
    local answer = core.httpclient():get{
        url = url,
        timeout = 5000,
        headers = {
            ["host"] = {"portcullis"},
            ["authorization"] = all(txn.http:req_get_headers(), "authorization"),
            ["x-original-method"] = {txn.sf:method()},
            ["x-original-uri"] = {txn.sf:url()},
        },
    }
    if not answer or not answer.status then
        return deny(txn, 503, {}, "")
    end
    if answer.status ~= 200 then
        local is_denial = answer.status >= 400 and answer.status <= 599
        return deny(txn, is_denial and answer.status or 403, answer.headers, answer.body)
    end
    for _, name in ipairs(added) do
        txn.http:req_del_header(name)
        for _, value in ipairs(all(answer.headers, name)) do
            txn.http:req_add_header(name, value)
        end
    end
    -- HAProxy does not add what its buffer has no room for, and reports no error.
    local headers = txn.http:req_get_headers()
    for _, name in ipairs(added) do
        if #all(headers, name) ~= #all(answer.headers, name) then
            return deny(txn, 500, {}, "")
        end
    end
end)
