class Tracekit < Formula
  desc "Is my Core ML model using the Neural Engine?"
  homepage "https://example.invalid"
  url "https://example.invalid/tracekit_ane-0.1.0.tar.gz"
  version "0.1.0"
  sha256 "0000000000000000000000000000000000000000000000000000000000000000"
  license "MIT"

  depends_on "python@3.13"

  def install
    system Formula["python@3.13"].opt_bin/"python3.13", "-m", "venv", libexec
    system libexec/"bin/pip", "install", "--prefer-binary", "--constraint", buildpath/"constraints.txt",
                              "#{buildpath}[parquet,symbols,sql,mcp]"
    bin.install_symlink libexec/"bin/tracekit"
  end

  test do
    assert_match "Neural Engine", shell_output("#{bin}/tracekit demo -o #{testpath}/report.html")
    assert_path_exists testpath/"report.html"
  end
end
