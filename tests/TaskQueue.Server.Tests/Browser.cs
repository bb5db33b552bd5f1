using System.Text.Json.Nodes;
using OpenQA.Selenium;
using OpenQA.Selenium.Chrome;
using OpenQA.Selenium.Support.UI;

namespace TaskQueue.Server.Tests;

/// <summary>A real Chromium without a window, looking at the page.</summary>
internal sealed class Browser : IDisposable
{
    private static readonly string[] Names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

    private readonly ChromeDriver _driver;
    private readonly Uri _page;

    private Browser(ChromeDriver driver, Uri page)
    {
        _driver = driver;
        _page = page;
    }

    public IWebElement Focused => _driver.SwitchTo().ActiveElement();

    /// <summary>Opens the page of a server; skips the test where no Chromium is installed.</summary>
    /// <param name="server">The server.</param>
    /// <param name="width">The width of the window in CSS pixels.</param>
    /// <param name="height">Its height.</param>
    public static Browser Open(RunningServer server, int width = 1280, int height = 900)
    {
        var driverPath = Find(["chromedriver"]);
        var browserPath = Find(Names);
        Assert.SkipWhen(
            driverPath is null || browserPath is null,
            "No Chromium with chromedriver is installed (apt-get install chromium chromium-driver).");
        var options = new ChromeOptions { BinaryLocation = browserPath };
        options.AddArguments("--headless=new", "--no-first-run", "--disable-gpu", "--disable-dev-shm-usage", "--lang=en-US");
        if (Environment.UserName == "root")
        {
            // Its sandbox refuses to work for root, which is who runs tests in containers.
            options.AddArgument("--no-sandbox");
        }

        options.SetLoggingPreference(LogType.Browser, LogLevel.All);
        var service = ChromeDriverService.CreateDefaultService(Path.GetDirectoryName(driverPath), Path.GetFileName(driverPath));
        service.SuppressInitialDiagnosticInformation = true;
        var browser = new Browser(new ChromeDriver(service, options), server.Client.BaseAddress!);
        browser.Resize(width, height);
        browser._driver.Navigate().GoToUrl(browser._page);
        return browser;
    }

    /// <summary>The same with the token given.</summary>
    public static Browser OpenSignedIn(RunningServer server, int width = 1280, int height = 900)
    {
        var browser = Open(server, width, height);
        browser.SignIn(RunningServer.Token);
        browser.Until("the counts are shown", () => browser.All("#counts div").Count > 0);
        return browser;
    }

    public void SignIn(string token)
    {
        Until("the token is asked for", () => One("#sign-in").GetAttribute("open") is not null);
        One("#token").SendKeys(token + Keys.Enter);
    }

    /// <summary>As a device of this size, whatever the smallest window is.</summary>
    public void Resize(int width, int height) =>
        Command(
            "Emulation.setDeviceMetricsOverride",
            new() { ["width"] = width, ["height"] = height, ["deviceScaleFactor"] = 1, ["mobile"] = false });

    /// <summary>As on a system that prefers dark or light.</summary>
    public void Prefer(string scheme) => Command(
        "Emulation.setEmulatedMedia",
        new() { ["features"] = new object[] { new Dictionary<string, object> { ["name"] = "prefers-color-scheme", ["value"] = scheme } } });

    public IWebElement One(string selector) => _driver.FindElement(By.CssSelector(selector));

    public IReadOnlyList<IWebElement> All(string selector) => _driver.FindElements(By.CssSelector(selector));

    /// <summary>What is shown in the rows of a table.</summary>
    public IReadOnlyList<IReadOnlyList<string>> Rows(string table) =>
        [
            .. JsonNode.Parse(
                Run<string>(
                    $"return JSON.stringify([...document.querySelector('{table}').tBodies[0].rows].map(row => "
                        + "[...row.cells].map(cell => cell.textContent)))")!)!
            .AsArray().Select(row => (IReadOnlyList<string>)[.. row!.AsArray().Select(cell => (string)cell!)])];

    public string Count(string name) => One($"#counts [data-count={name}] dd").Text;

    /// <summary>What a script returns.</summary>
    public T? Run<T>(string script) => (T?)_driver.ExecuteScript(script);

    public void Press(string keys) => Focused.SendKeys(keys);

    /// <summary>Goes on by the Tab key alone until the element has the focus.</summary>
    public void TabTo(string selector)
    {
        for (var presses = 0; presses < 100; presses++)
        {
            if (Run<bool>($"return document.activeElement.matches('{selector}')"))
            {
                return;
            }

            Press(Keys.Tab);
        }

        Assert.Fail($"The Tab key never leads to {selector}.");
    }

    public void Until(string what, Func<bool> isSo)
    {
        try
        {
            new WebDriverWait(_driver, TimeSpan.FromMinutes(3)) { PollingInterval = TimeSpan.FromMilliseconds(50) }.Until(_ =>
            {
                try
                {
                    return isSo();
                }
                catch (Exception error) when (error is NoSuchElementException or StaleElementReferenceException)
                {
                    return false;
                }
            });
        }
        catch (WebDriverTimeoutException)
        {
            Assert.Fail($"Not so after 30 s: {what}. The page shows:\n{One("body").Text}");
        }
    }

    /// <summary>
    /// What the browser complains of, such as something that the page's policy forbids. That calls were refused is said there too, and left
    /// out.
    /// </summary>
    public IReadOnlyList<string> Complaints() =>
        [.. _driver
            .Manage().Logs
            .GetLog(LogType.Browser)
            .Select(entry => entry.Message)
            .Where(message => !message.Contains("the server responded with a status of", StringComparison.Ordinal))];

    public void Dispose() => _driver.Quit();

    private void Command(string name, Dictionary<string, object?> parameters) => _driver.ExecuteCdpCommand(name, parameters);

    private static string? Find(IEnumerable<string> names) =>
        (from name in names
         from folder in (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
         let path = Path.Combine(folder, OperatingSystem.IsWindows() ? name + ".exe" : name)
         where File.Exists(path)
         select path).FirstOrDefault();
}
