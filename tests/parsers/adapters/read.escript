#!/usr/bin/env escript
%% What query parsers of Erlang read; see ../README.md.

one(undefined) -> <<"-">>;
one(true) -> <<"true">>;
one(Value) ->
    case re:run(Value, "\\A[A-Za-z0-9_-]+\\z") of
        nomatch -> iolist_to_binary([$", [byte(B) || <<B>> <= iolist_to_binary(Value)], $"]);
        _ -> iolist_to_binary(Value)
    end.

byte(B) when B < 32; B > 126; B =:= $"; B =:= $\\ -> io_lib:format("?~2.16.0b", [B]);
byte(B) -> B.

all([]) -> <<"-">>;
all([Value]) -> one(Value);
all(Values) -> iolist_to_binary(["[", lists:join(",", [["\"", one(V), "\""] || V <- Values]), "]"]).

fields(Parse) ->
    try
        Read = Parse(),
        [Parsed || Name <- [<<"tenantid">>, <<"cust_id">>], Parsed <- [all([V || {N, V} <- Read, N =:= Name])]]
    catch
        _:_ -> [<<"!">>, <<"!">>]
    end.

dissect(Query) ->
    case uri_string:dissect_query(Query) of
        List when is_list(List) -> List;
        _ -> throw(refused)
    end.

quote(Text) -> ["\"", [case C of $" -> "\\\""; $\\ -> "\\\\"; _ -> C end || <<C>> <= iolist_to_binary(Text)], "\""].

version(Package) ->
    string:trim(os:cmd("dpkg-query -W -f='${Package} ${Version}' " ++ Package)).

main([File]) ->
    io:format("{\"erlang/cowlib\":~s,\"erlang/dissect_query\":~s}~n", [quote(version("erlang-cowlib")), quote(version("erlang-base"))]),
    {ok, Text} = file:read_file(File),
    [Last | Lines] = lists:reverse(binary:split(Text, <<"\n">>, [global])),
    <<>> = Last,
    lists:foreach(
        fun(Query) ->
            [A, B] = fields(fun() -> cow_qs:parse_qs(Query) end),
            [C, D] = fields(fun() -> dissect(Query) end),
            io:format("{\"names\":{\"erlang/cowlib\":[~s,~s],\"erlang/dissect_query\":[~s,~s]},\"method\":{}}~n", [quote(A), quote(B), quote(C), quote(D)])
        end,
        lists:reverse(Lines)
    ).
