using OpenQA.Selenium;

namespace TaskQueue.Server.Tests;

/// <summary>The web page, in a real Chromium.</summary>
public sealed class PageTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task It_shows_what_is_stuck_and_why_and_loads_nothing_from_elsewhere()
    {
        await using var server = await RunningServer.OfFreshIncident();
        using var browser = Browser.OpenSignedIn(server);

        browser.Until("the seven older than an hour are shown", () => browser.Rows("#stuck").Count == 7);

        Assert.Equal(("8", "55"), (browser.Count("running"), browser.Count("total")));
        Assert.All(browser.Rows("#stuck"), row =>
        {
            Assert.Equal("Silent", row[3]);
            Assert.StartsWith("no heartbeat data; running", row[4], StringComparison.Ordinal);
        });
        Assert.Contains("task_queue.db", browser.One("#queue").Text, StringComparison.Ordinal);
        Assert.True(
            browser.Run<bool>(
                "return performance.getEntriesByType('resource').every(entry => new URL(entry.name).origin === location.origin)"));
        Assert.Empty(browser.Complaints());
    }

    [Fact]
    public async Task A_cleanup_is_planned_carried_out_and_undone_with_the_keyboard_alone()
    {
        await using var server = await RunningServer.OfFreshIncident();
        using var browser = Browser.OpenSignedIn(server);
        browser.Until("the seven older than an hour are shown", () => browser.Rows("#stuck").Count == 7);

        browser.TabTo("#age");
        browser.Press(Keys.Control + "a");
        browser.Press("1" + Keys.Enter);
        browser.Until("the plan is shown", () => browser.All("#plan[open] #plan-tasks li").Count == 7);
        // Enter and Esc change nothing: what changes something must be chosen.
        Assert.Equal("Change nothing", browser.Focused.Text);
        browser.Press(Keys.Enter);
        browser.Until("the plan is gone", () => browser.All("#plan[open]").Count == 0);
        Assert.Equal(8, await Running(server));

        browser.TabTo("#rules button");
        browser.Press(Keys.Enter);
        browser.Until("the plan is shown", () => browser.All("#plan[open] #plan-tasks li").Count == 7);
        browser.TabTo("#plan-reason");
        browser.Press("nothing moves");
        browser.TabTo("#plan-confirm");
        browser.Press(Keys.Enter);
        browser.Until("seven are failed", () => browser.Count("failed") == "13" && browser.Count("running") == "1");
        Assert.Contains("The backup is task_queue_backup_", browser.One("#notice").Text, StringComparison.Ordinal);
        Assert.Equal(("cleanup", "7", "nothing moves"), Operation(browser.Rows("#operations")[0]));

        browser.TabTo("#notice-undo");
        browser.Press(Keys.Enter);
        browser.Until("the way back is shown", () => browser.All("#plan[open] #plan-tasks li").Count == 7);
        browser.TabTo("#plan-confirm");
        browser.Press(Keys.Enter);
        browser.Until("they are back", () => browser.Count("failed") == "6");
        Assert.Equal("undo", browser.Rows("#operations")[0][1]);
        Assert.Empty(browser.Complaints());
    }

    [Fact]
    public async Task One_task_is_stopped_only_after_its_dry_run_was_confirmed()
    {
        await using var server = await RunningServer.OfOwnQueue();
        Hold(server, "first", "second");
        using var browser = Browser.OpenSignedIn(server);
        browser.Until("both run", () => browser.Rows("#running").Count + browser.Rows("#stuck").Count == 2);

        browser.One("button[aria-label='Stop first']").Click();
        browser.Until(
            "the dry run is shown",
            () => browser.One("#plan-text").Text == "Task 'first', running now, would be stopped (force=true). Nothing was changed.");
        browser.Press(Keys.Escape);
        browser.Until("it is gone", () => browser.All("#plan[open]").Count == 0);
        Assert.Equal(2, await Running(server));

        browser.One("button[aria-label='Stop first']").Click();
        browser.Until("the dry run is shown", () => browser.All("#plan[open]").Count == 1);
        browser.One("#plan-confirm").Click();
        browser.Until("one is left", () => browser.Count("running") == "1" && browser.Count("failed") == "1");
        using var queue = server.OpenQueue();
        Assert.Equal(QueueTaskStatus.Failed, queue.Find("first", Cancel)!.Status);

        // One that ended meanwhile: the dry run says so.
        queue.Change([new ForceCancelTask("second")], new NewOperation { Kind = "test", Actor = Actor.Current("test") }, Cancel);
        browser.Run<object>("document.querySelector(\"button[aria-label='Stop second']\")?.click()");
        browser.Until(
            "it is refused, or no longer shown",
            () => browser.One("#notice").Text.Contains("second", StringComparison.Ordinal) || browser.Count("running") == "0");
    }

    [Fact]
    public async Task The_token_is_asked_for_checked_and_kept_in_the_tab_only()
    {
        await using var server = await RunningServer.OfOwnQueue();
        using var browser = Browser.Open(server);

        browser.SignIn("not-the-token-of-this-server");
        browser.Until(
            "it is refused",
            () => browser.One("#sign-in-text").Text.StartsWith("The server does not know this token.", StringComparison.Ordinal));
        browser.SignIn(RunningServer.Token);
        browser.Until("the counts are shown", () => browser.All("#counts div").Count == 6);

        Assert.DoesNotContain(
            RunningServer.Token,
            browser.Run<string>(
                "return JSON.stringify(localStorage) + document.cookie + location.href + document.documentElement.outerHTML"),
                StringComparison.Ordinal);
        browser.One("#forget").Click();
        browser.Until("it is asked for again", () => browser.All("#sign-in[open]").Count == 1);
        Assert.Null(browser.Run<object>("return sessionStorage.getItem('taskqueue-token')"));
    }

    [Fact]
    public async Task What_tasks_carry_is_shown_as_text()
    {
        await using var server = await RunningServer.OfOwnQueue();
        const string Hostile = "<img src=x onerror=document.title='taken'>";
        Hold(server, Hostile);
        using var browser = Browser.OpenSignedIn(server);

        browser.Until("it is shown", () => browser.Rows("#running").Concat(browser.Rows("#stuck")).Any(row => row[0] == Hostile));

        Assert.Empty(browser.All("main img"));
        Assert.Contains("Task queue", browser.Run<string>("return document.title"), StringComparison.Ordinal);
        Assert.Empty(browser.Complaints());
    }

    [Theory]
    [InlineData("light")]
    [InlineData("dark")]
    public async Task Both_themes_can_be_read_and_the_choice_goes_before_the_systems(string theme)
    {
        await using var server = await RunningServer.OfFreshIncident();
        using var browser = Browser.OpenSignedIn(server);
        browser.Prefer(theme);
        var ofSystem = browser.Run<string>("return getComputedStyle(document.body).backgroundColor");
        browser.Prefer(theme == "dark" ? "light" : "dark");
        Assert.NotEqual(ofSystem, browser.Run<string>("return getComputedStyle(document.body).backgroundColor"));
        browser.One($"#theme option[value={theme}]").Click();
        Assert.Equal(ofSystem, browser.Run<string>("return getComputedStyle(document.body).backgroundColor"));

        // WCAG 2.2, 1.4.3: 4.5 to 1 for text.
        var lowest = browser.Run<object>(
            """
            const light = color => color.match(/[\d.]+/g).slice(0, 3).map(value => value / 255)
              .map(value => value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4)
              .reduce((sum, value, index) => sum + value * [0.2126, 0.7152, 0.0722][index], 0);
            const backOf = element => {
              for (let at = element; at; at = at.parentElement) {
                const color = getComputedStyle(at).backgroundColor;
                if (color !== 'rgba(0, 0, 0, 0)') return color;
              }
              return 'rgb(255, 255, 255)';
            };
            const contrast = element => {
              const [low, high] = [light(getComputedStyle(element).color), light(backOf(element))].sort((a, b) => a - b);
              return (high + 0.05) / (low + 0.05);
            };
            return Math.min(...[...document.querySelectorAll('body *')].filter(element => element.checkVisibility() && [...element.childNodes].some(node => node.nodeType === 3 && node.data.trim())).map(contrast));
            """);
        Assert.True(
            Convert.ToDouble(lowest, System.Globalization.CultureInfo.InvariantCulture) >= 4.5, $"The lowest contrast is {lowest}.");
    }

    [Fact]
    public async Task On_a_phone_nothing_has_to_be_pushed_sideways()
    {
        await using var server = await RunningServer.OfOwnQueue();
        Hold(server, "short", "publish_batch_e7dfb5e286ab_30_account_1734682941926_" + new string('x', 200));
        using var browser = Browser.OpenSignedIn(server, 360, 740);
        browser.Until("both are shown", () => browser.Rows("#running").Count + browser.Rows("#stuck").Count == 2);

        Assert.True(browser.Run<bool>("return document.scrollingElement.scrollWidth <= 360"));
        browser.One("#rules button").Click();
        browser.Until("the plan is shown", () => browser.All("#plan[open]").Count == 1);
        Assert.True(
            browser.Run<bool>(
                "const box = document.querySelector('#plan').getBoundingClientRect(); return box.left >= 0 && box.right <= 360"));
        Assert.True(
            browser.Run<bool>(
                "return [...document.querySelectorAll('#plan button')].every(button => button.getBoundingClientRect().height >= 24)"));
    }

    [Fact]
    public async Task The_chart_counts_what_ended_and_says_so_in_words_and_as_a_table()
    {
        await using var server = await RunningServer.OfOwnQueue();
        Hold(server, "one", "two", "three");
        using (var queue = server.OpenQueue())
        {
            queue.Change(
                [new ForceCancelTask("one"), new ForceCancelTask("two")], new NewOperation { Kind = "test", Actor = Actor.Current("test") },
                Cancel);
        }

        using var browser = Browser.OpenSignedIn(server);
        browser.Until("it is drawn", () => browser.All("#chart rect.failed").Count > 0);

        Assert.Contains("0 success, 2 failed, 0 cancelled", browser.One("#chart-text").Text, StringComparison.Ordinal);
        Assert.Equal(24, browser.Rows("#hours").Count);
        Assert.Equal(2, browser.Rows("#hours").Sum(row => int.Parse(row[2], System.Globalization.CultureInfo.InvariantCulture)));
    }

    private static (string Kind, string Tasks, string Reason) Operation(IReadOnlyList<string> row) => (row[1], row[2], row[4]);

    private static async Task<int> Running(RunningServer server) =>
        (int)(await server.Call("GET", RunningServer.Tasks + "/stats")).Body!["data"]!["running"]!;

    /// <summary>Tasks that run, held by this process.</summary>
    private static void Hold(RunningServer server, params IReadOnlyList<string> ids)
    {
        using var queue = server.OpenQueue();
        queue.Enqueue([.. ids.Select(id => new NewTask { Id = id, Type = "work" })], Cancel);
        queue.Claim(
            new ClaimRequest
            {
                Types = ["work"], Tokens = [.. ids.Select(_ => Guid.NewGuid())], Worker = "tester:1", LeaseTime = TimeSpan.FromHours(1),
            }, Cancel);
    }
}
