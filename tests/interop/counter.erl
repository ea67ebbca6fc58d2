%% The same counter as in main.rs, and what else a server of Erlang may do.
-module(counter).
-behaviour(gen_server).
-export([start/1, init/1, handle_call/3, handle_cast/2, handle_info/2]).

start(Count) -> gen_server:start({local, counter}, ?MODULE, Count, []).

init(Count) -> {ok, Count}.

handle_call({add, By}, _From, Count) -> {reply, Count + By, Count + By};
handle_call(get, _From, Count) -> {reply, Count, Count};
handle_call({divide, 0}, _From, Count) -> {reply, {error, <<"by zero">>}, Count};
handle_call({divide, By}, _From, Count) -> {reply, {ok, Count div By}, Count};
handle_call(forever, _From, Count) -> {noreply, Count}.

handle_cast({set, Count}, _) -> {noreply, Count};
handle_cast(crash, _) -> exit(boom).

handle_info(_, Count) -> {noreply, Count}.
