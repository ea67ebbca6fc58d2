# A server as Elixir people write them, for clients of ours.
defmodule Item do
  defstruct [:name, :price, colour: :red, tags: [], sizes: %{}, note: nil, made: {2026, 1}]
end

defmodule Catalogue do
  use GenServer

  def start_link([]), do: GenServer.start_link(__MODULE__, [], name: :catalogue)

  def init([]) do
    lamp = %Item{name: "lamp", price: 12.5, tags: [:new], sizes: %{"small" => 1, "large" => 2}}
    heavy = %Item{name: :unnamed, price: 3, colour: {:mixed, 10}, note: "heavy"}
    IO.puts("ready")
    {:ok, %{1 => lamp, 2 => heavy}}
  end

  def handle_call({:find, id}, _from, items) do
    case items do
      %{^id => item} -> {:reply, {:ok, item}, items}
      _ -> {:reply, {:error, {:not_found, id}}, items}
    end
  end

  # A map with atoms for keys is what a struct of Rust comes as; `struct!` sees that it is whole.
  def handle_call({:put, id, item}, _from, items) do
    {:reply, :ok, Map.put(items, id, struct!(Item, item))}
  end

  def handle_call(:options, _from, items) do
    {:reply, [depth: 3, wide: true], items}
  end

  def handle_call(:limits, _from, items) do
    {:reply, {2 ** 100, -1, 1.5, 3, ~c"list", <<0, 255>>, "ü"}, items}
  end

  def handle_call({:raise, message}, _from, _items), do: raise(message)

  def handle_call(:stop, _from, items), do: {:stop, :normal, {:ok, map_size(items)}, items}

  def handle_cast({:forget, id}, items), do: {:noreply, Map.delete(items, id)}
end

Logger.configure(level: :none)
:pong = Node.ping(:"c@127.0.0.1")
{:ok, _} = Supervisor.start_link([Catalogue], strategy: :one_for_one)
Process.sleep(:infinity)
