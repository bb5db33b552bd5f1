@{
    ExcludeRules = @(
        # Join-Path a b c and the cmdlets of this module are read best as they are typed.
        'PSAvoidUsingPositionalParameters'
        # Functions of scripts, none of them a command for others.
        'PSUseShouldProcessForStateChangingFunctions'
    )
}
