#!/usr/bin/env escript
%%! +S 1:1 -kernel logger_level none
%% Plays the scenarios on standard input on this Erlang/OTP and prints their traces.

main([]) ->
    Folder = filename:dirname(escript:script_name()),
    Modules = [load(Folder, Module) || Module <- [words, recorder, actor, tree, apps, driver]],
    driver:main(Modules).

load(Folder, Module) ->
    File = filename:join(Folder, atom_to_list(Module) ++ ".erl"),
    {ok, Module, Code} = compile:file(File, [binary, report]),
    {module, Module} = code:load_binary(Module, File, Code),
    {Module, File, Code}.
